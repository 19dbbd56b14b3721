#!/bin/sh
# npm test: every test, on a checkout where nothing was installed before.
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh
exec node_modules/.bin/vitest run "$@"
