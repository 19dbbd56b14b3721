import { STICK_TABLE_SYNCED_FILE } from '../../src/contract/machine-layout.js';
import { PORTS } from '../../src/contract/ports.js';
import type { ShardFacts } from '../../src/node/facts.js';
import type { MachineFile } from '../../src/node/render/file.js';
import { render } from '../../src/node/render/index.js';
import { TURN_PEERS } from '../../src/node/render/turn.js';
import { daemonBundle } from '../../src/rehearsal/fakes/bundle.js';
import type { PackageFile } from '../../src/rehearsal/fakes/deb.js';
import { prosodyPackage } from '../../src/rehearsal/fakes/packages/prosody.js';
import { tokensPackage } from '../../src/rehearsal/fakes/packages/tokens.js';
import { webPackage } from '../../src/rehearsal/fakes/packages/web.js';
import { bundled } from './bundle.js';
import { inDebian } from './debian-root.js';

/** What runs on a shard, and what a test adds to it. Modules are named by their path from the project's folder. */
export interface ShardTest {
  /** Module that runs once everything has started. */
  readonly program: string;
  /** The module reads this as JSON from its standard input. */
  readonly plan: unknown;
  /** Modules that the program starts: `/opt/test/<key>.mjs`. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly files?: readonly MachineFile[];
  /** Shell commands before the daemons start. `as USER NAME COMMAND` runs a daemon, which logs to `/tmp/log/NAME`. */
  readonly before?: string;
  /** Shell commands after the program. `$focus` and `$admission` are the processes of Jicofo's fake and of the agent. */
  readonly script?: string;
}

/** The part of the agent that answers nginx. */
const AGENT = `
import { CONFERENCES, conferences } from './src/node/access/conferences.js';
import { serveAccess } from './src/node/access/serve.js';
import { jicofoHealth } from './src/node/agent/health/jicofo-health.js';
import { signInLine } from './src/node/agent/shard/sign-in-means.js';
const opening = conferences(CONFERENCES);
await serveAccess(JSON.parse(process.argv[2] ?? ''), opening, jicofoHealth(opening), {
  clientSecret: async () => 'the-secret-of-the-client',
  report: (signIn) => console.log(signInLine(signIn, false)),
  hostPatience: 1_000,
});
`;

export const file = (path: string, text: string, mode = 0o644, owner = 'root:root'): MachineFile => ({
  path,
  mode,
  owner,
  text,
  readBy: [],
});
const unpacked = (files: readonly PackageFile[]) =>
  files.map(({ path, text, mode }) => file(path, text, mode));

const START_TURN = `
nft --file ${TURN_PEERS}
as turnserver coturn turnserver -c /etc/turnserver.conf --pidfile=
until ss -lnt | grep -q 127.0.0.1:${PORTS.turnServer}; do sleep 0.05; done
`;

const start = ({ spec, instance }: ShardFacts, before: string) => `
ulimit -n "$(ulimit -Hn)"
ip address add ${instance.privateAddress}/32 dev lo
install -D /dev/null ${STICK_TABLE_SYNCED_FILE}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test \\
  -keyout /etc/prosody/certs/convoke.key -out /etc/prosody/certs/convoke.crt 2>/dev/null
chgrp prosody /etc/prosody/certs/convoke.*; chmod 640 /etc/prosody/certs/convoke.*
chown prosody /run/prosody; mkdir -m 0777 /tmp/log
as() { local user=$1 name=$2; shift 2; runuser -u "$user" -- "$@" >/tmp/log/$name 2>&1 & }
${before}
as prosody prosody prosody -F
until curl -s -o /dev/null http://127.0.0.1:${PORTS.prosodyHttp}/http-bind; do sleep 0.05; done
as jicofo focus env JAVA_SYS_PROPS=-Dconfig.file=/etc/jitsi/jicofo/jicofo.conf node /opt/test/focus.cjs
focus=$!
as convoke admission node /opt/test/admission.mjs '${JSON.stringify(spec)}'
admission=$!
nginx 2>/tmp/log/nginx; haproxy -D -f /etc/haproxy/haproxy.cfg 2>/tmp/log/haproxy
${spec.turn ? START_TURN : ''}
until curl -sf -o /dev/null http://127.0.0.1/convoke/health/edge &&
  curl -s -o /dev/null http://127.0.0.1:${PORTS.access}/; do sleep 0.05; done
# Jicofo's fake answers before Prosody has let it in.
until curl -s -H 'content-type: application/json' -d '{"room":"ready@conference.${spec.domain}"}' \
  http://127.0.0.1:${PORTS.jicofo}/conference-request/v1 | grep -q '"ready":true'; do sleep 0.1; done
`;

/**
 * A shard as it is on a machine, but for systemd: HAProxy, nginx, Prosody, the agent's part in conferences and, where the
 * facts have TURN, coturn are real. Fakes take the places of Jicofo, the web client and Jitsi's modules for Prosody.
 * Returns everything that was written, the end of each daemon's log included.
 */
export async function inShard(facts: ShardFacts, test: ShardTest): Promise<string> {
  const { program, plan, programs = {}, files = [], before = '', script = '' } = test;
  const modules = Object.entries({ client: program, ...programs }).map(async ([name, path]) =>
    file(`/opt/test/${name}.mjs`, await bundled(`import '${path}';`)),
  );
  const { all } = await inDebian(
    [
      ...unpacked([...webPackage().files, ...prosodyPackage().files, ...tokensPackage().files]),
      ...render(facts),
      file('/opt/test/focus.cjs', daemonBundle('focus')),
      file('/opt/test/admission.mjs', await bundled(AGENT)),
      ...(await Promise.all(modules)),
      // From a file, so that a process list with a token in it is nobody's but the deployment's.
      file('/opt/test/plan.json', JSON.stringify(plan)),
      ...files,
    ],
    `${start(facts, before)}\nnode /opt/test/client.mjs </opt/test/plan.json\n${script}\ntail -n 20 /tmp/log/*`,
  );
  return all;
}

/** What a program printed after `ANSWERS`. Throws all of the output if it printed nothing. */
export function answersIn<T>(output: string): T {
  const line = /^ANSWERS (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(output);
  return JSON.parse(line) as T;
}
