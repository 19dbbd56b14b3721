import { ConvokeError } from '../contract/errors.js';

/** EC2's limit in bytes, before base64. */
const MOST_BYTES = 16_384;

export interface UserDataProps {
  /** A {@link MachineSpec} or an {@link ImageSpec} as JSON. May contain CloudFormation tokens. */
  readonly spec: string;
  readonly region: string;
  /** Command of the bundle. Default: `provision`. */
  readonly command?: 'provision' | 'bake';
  /** Files of the node bundle: the machine puts them beside each other, and runs `convoke-node.mjs`. */
  readonly files: readonly BundleFile[];
}

/** A file of the node bundle: its location in S3 and its expected hash. */
export interface BundleFile {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly sha256: string;
}

/**
 * The script that a machine runs at its first boot: it fetches the node bundle and runs it. Every value may be a
 * CloudFormation token, so none is inspected here.
 */
export function userData({ spec, region, command = 'provision', files }: UserDataProps): string {
  const fetches = files.map(({ name, bucket, key, sha256 }) => {
    const address = `https://${bucket}.s3.${region}.amazonaws.com/${key}`;
    return `with_retries fetch_file '${name}' '${address}' '${sha256}'`;
  });
  const text = `#!/bin/bash
# convoke: fetches the node bundle, which provisions this machine. Safe to run again.
set -euo pipefail
trap 'echo "convoke: provisioning failed: user data failed in line $LINENO; see the lines above."' ERR
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

mkdir -p /etc/convoke /opt/convoke
cat > /etc/convoke/machine.json <<'END_OF_SPECIFICATION'
${spec}
END_OF_SPECIFICATION

# Mirrors, locks and new roles may fail at first: 8 attempts within about three minutes.
with_retries() {
  local pause
  for pause in 2 4 8 16 30 60 60; do
    "$@" && return
    echo "convoke: $1 failed, retrying in $pause s"
    sleep "$pause"
  done
  "$@"
}
install_tools() {
  local apt="apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io"
  $apt update && $apt install --no-install-recommends nodejs curl ca-certificates
}
if ! command -v node >/dev/null || ! command -v curl >/dev/null; then
  with_retries install_tools
fi

# Tokens and keys go to curl on standard input: every process can read arguments.
metadata() {
  local token
  token=$(curl -fsS -m 5 -X PUT -H 'x-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token) || return
  printf 'header = "x-aws-ec2-metadata-token: %s"\\n' "$token" | curl -fsS -m 5 -K - "http://169.254.169.254/latest/meta-data/$1"
}
# Its name on this machine, its address in S3, its SHA-256.
fetch_file() {
  local role
  role=$(metadata iam/security-credentials/) || return
  metadata "iam/security-credentials/$role" | node -e '
    const c = JSON.parse(require("fs").readFileSync(0, "utf8"));
    console.log("user = \\"" + c.AccessKeyId + ":" + c.SecretAccessKey + "\\"");
    console.log("header = \\"x-amz-security-token: " + c.Token + "\\"");
  ' | curl -fsS --connect-timeout 10 -K - --aws-sigv4 'aws:amz:${region}:s3' \\
    -o "/opt/convoke/$1.new" "$2" || return
  echo "$3  /opt/convoke/$1.new" | sha256sum --check --quiet || return
  mv "/opt/convoke/$1.new" "/opt/convoke/$1"
}
${fetches.join('\n')}

# From here on the bundle reports failures itself.
trap - ERR
exec node /opt/convoke/convoke-node.mjs ${command}
`;
  const bytes = Buffer.byteLength(text);
  if (bytes <= MOST_BYTES) return text;
  throw new ConvokeError('UserDataTooLong', {
    what: `The launch script has ${bytes} bytes; EC2 allows ${MOST_BYTES}.`,
    why: 'It contains the key of the package source, the only part that can be long.',
    now: 'Export the key with fewer signatures: gpg --export --armor --export-options export-minimal KEY.',
    fault: 'user',
  });
}
