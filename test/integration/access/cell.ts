import type { CellFacts } from '../../../src/node/facts.js';
import type { MachineFile } from '../../../src/node/render/file.js';
import { render } from '../../../src/node/render/index.js';
import { bundleDaemon } from '../../../src/rehearsal/understudy/bundle.js';
import type { PackageFile } from '../../../src/rehearsal/understudy/deb.js';
import { prosodyPackage } from '../../../src/rehearsal/understudy/packages/prosody.js';
import { tokensPackage } from '../../../src/rehearsal/understudy/packages/tokens.js';
import { webPackage } from '../../../src/rehearsal/understudy/packages/web.js';
import { bundled } from '../bundle.js';
import { inDebian } from '../debian-root.js';

const file = (path: string, text: string, mode = 0o644): MachineFile => ({
  path,
  mode,
  owner: 'root:root',
  text,
  readBy: [],
});
const unpacked = (files: readonly PackageFile[]) =>
  files.map(({ path, text, mode }) => file(path, text, mode));

const AGENT = `
import { CONFERENCES, conferences } from './src/node/access/conferences.js';
import { serveAccess } from './src/node/access/serve.js';
import { jicofoHealth } from './src/node/agent/jicofo-health.js';
const opening = conferences(CONFERENCES);
await serveAccess(JSON.parse(process.argv[2] ?? ''), opening, jicofoHealth(opening));
`;

const start = ({ spec, surroundings }: CellFacts) => `
ip address add ${surroundings.privateAddress}/32 dev lo
mkdir /run/convoke-edge; touch /run/convoke-edge/knows
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test \\
  -keyout /etc/prosody/certs/convoke.key -out /etc/prosody/certs/convoke.crt 2>/dev/null
chgrp prosody /etc/prosody/certs/convoke.*; chmod 640 /etc/prosody/certs/convoke.*
chown prosody /run/prosody; mkdir -m 0777 /tmp/log
as() { local user=$1 name=$2; shift 2; runuser -u "$user" -- "$@" >/tmp/log/$name 2>&1 & }
as prosody prosody prosody -F
until curl -s -o /dev/null http://127.0.0.1:5280/http-bind; do sleep 0.05; done
as jicofo focus env JAVA_SYS_PROPS=-Dconfig.file=/etc/jitsi/jicofo/jicofo.conf node /opt/test/focus.cjs
focus=$!
as convoke admission node /opt/test/admission.mjs '${JSON.stringify(spec)}'
admission=$!
nginx 2>/tmp/log/nginx; haproxy -D -f /etc/haproxy/haproxy.cfg 2>/tmp/log/haproxy
until curl -sf -o /dev/null http://127.0.0.1/convoke/health/edge && curl -sf -o /dev/null http://127.0.0.1:8888/stats &&
  curl -s -o /dev/null http://127.0.0.1:8104/; do sleep 0.05; done
`;

/**
 * A cell as it is on a machine, but for systemd: HAProxy, nginx, Prosody and the agent's part in conferences are real;
 * understudies take the places of Jicofo, the web client and Jitsi's modules for Prosody. Runs a program there, which gets
 * `plan` on its standard input, and a script after that; gives all that was written.
 */
export async function inCell(
  facts: CellFacts,
  { program, plan, script = '' }: { program: string; plan: unknown; script?: string },
): Promise<string> {
  const [focus, client, agent] = await Promise.all([
    bundleDaemon('focus'),
    bundled(`import '${program}';`),
    bundled(AGENT),
  ]);
  const { all } = await inDebian(
    [
      ...unpacked([...webPackage().files, ...prosodyPackage().files, ...tokensPackage().files]),
      ...render(facts),
      file('/opt/test/focus.cjs', focus),
      file('/opt/test/client.mjs', client),
      file('/opt/test/admission.mjs', agent),
      // From a file, so that a process list with a token in it is nobody's but the deployment's.
      file('/opt/test/plan.json', JSON.stringify(plan)),
    ],
    `${start(facts)}\nnode /opt/test/client.mjs </opt/test/plan.json\n${script}\ntail -n 20 /tmp/log/*`,
  );
  return all;
}

/** What a program printed after `ANSWERS`. Throws all of the output if it printed nothing. */
export function answersIn<T>(output: string): T {
  const line = /^ANSWERS (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(output);
  return JSON.parse(line) as T;
}
