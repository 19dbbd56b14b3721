#!/bin/sh
# npm run rehearse: from a fresh clone to a report of the whole main job, simulated on this machine.
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh
exec node dist/cli/main.js rehearse --install "$@"
