/** What user data needs to know. Values may be CloudFormation tokens, so they are only ever put in place, never looked into. */
export interface UserDataFacts {
  /** MachineSpec as JSON. */
  readonly spec: string;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  /** Hex digest of the node bundle. */
  readonly sha256: string;
}

/** AWS refuses more. */
export const USER_DATA_LIMIT = 16 * 1024;

/**
 * The script that cloud-init runs at first boot: it fetches the node bundle with the machine's own role and hands over.
 * It is all the shell there is; everything else is in the bundle. Its last line on the console says how it ended.
 */
export function userData({ spec, region, bucket, key, sha256 }: UserDataFacts): string {
  return `#!/bin/bash
set -euo pipefail
trap 'echo "convoke: the machine could not be set up (user data line $LINENO)" >/dev/console 2>&1 || true' ERR
umask 022
install -d -m 0755 /etc/convoke /opt/convoke
cat >/etc/convoke/machine.json <<'CONVOKE_SPEC'
${spec}
CONVOKE_SPEC

# A mirror or a network that is not there yet is tried again, for two minutes or so.
persist() { local n; for n in 1 2 3 4 5 6 7 8; do "$@" && return 0; sleep $((n * 4)); done; "$@"; }

export DEBIAN_FRONTEND=noninteractive
if ! command -v node >/dev/null || ! command -v curl >/dev/null; then
  persist apt-get -qq -o DPkg::Lock::Timeout=120 update
  persist apt-get -qq -y -o DPkg::Lock::Timeout=120 install --no-install-recommends nodejs curl ca-certificates >/dev/null
fi

fetch_bundle() {
  local metadata=http://169.254.169.254/latest token role credentials field
  token=$(curl -fsS -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$metadata/api/token") || return 1
  role=$(curl -fsS -m 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/iam/security-credentials/") || return 1
  credentials=$(curl -fsS -m 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/iam/security-credentials/$role") || return 1
  field() { sed -n "s/.*\\"$1\\" *: *\\"\\([^\\"]*\\)\\".*/\\1/p" <<<"$credentials"; }
  # Read from a file, so that no key is ever seen in the list of processes.
  curl -fsS -m 60 -o /opt/convoke/convoke-node.mjs --config - <<CURL || return 1
aws-sigv4 = "aws:amz:${region}:s3"
user = "$(field AccessKeyId):$(field SecretAccessKey)"
header = "x-amz-security-token: $(field Token)"
url = "https://${bucket}.s3.${region}.amazonaws.com/${key}"
CURL
  echo '${sha256}  /opt/convoke/convoke-node.mjs' | sha256sum --quiet -c -
}
persist fetch_bundle
exec node /opt/convoke/convoke-node.mjs provision
`;
}
