import { beforeAll, describe, expect, it } from 'vitest';
import { render } from '../../../src/node/render/index.js';
import { bundleDaemon } from '../../../src/rehearsal/understudy/bundle.js';
import { prosodyPackage } from '../../../src/rehearsal/understudy/packages/prosody.js';
import { webPackage } from '../../../src/rehearsal/understudy/packages/web.js';
import { sampleFacts } from '../../sample-facts.js';
import { bundled } from '../bundle.js';
import { inDebian } from '../debian-root.js';
import type { Observation } from './observe.js';

const file = (path: string, text: string, mode = 0o644) => ({
  path,
  mode,
  owner: 'root:root',
  text,
  readBy: [],
});

const START = `
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test \\
  -keyout /etc/prosody/certs/convoke.key -out /etc/prosody/certs/convoke.crt 2>/dev/null
chgrp prosody /etc/prosody/certs/convoke.*; chmod 640 /etc/prosody/certs/convoke.*
chown prosody /run/prosody; mkdir -m 0777 /tmp/log; ulimit -n "$(ulimit -Hn)"
as() { local user=$1 name=$2; shift 2; runuser -u "$user" -- "$@" >/tmp/log/$name 2>&1 & }
as prosody prosody prosody -F
until curl -s -o /dev/null http://127.0.0.1:5280/http-bind; do sleep 0.05; done
as jicofo focus env JAVA_SYS_PROPS=-Dconfig.file=/etc/jitsi/jicofo/jicofo.conf node /opt/test/focus.cjs
nginx 2>/tmp/log/nginx; haproxy -D -f /etc/haproxy/haproxy.cfg 2>/tmp/log/haproxy
until curl -sf -o /dev/null http://127.0.0.1/convoke/health/edge && curl -sf -o /dev/null http://127.0.0.1:8888/stats; do sleep 0.05; done
`;

const ATTACKS = [
  'nested BOSH bodies of 950 KB',
  'nested BOSH bodies of 60 KB',
  'nested BOSH bodies of 9 KB',
  'BOSH sessions that are opened and abandoned',
  'nested stanzas after login',
  'discovery by many',
  'WebSockets that never log in',
  'people who log in and do nothing',
  'slow bodies',
  'many questions over HTTP',
  'large messages in a room',
  'presence in a room',
  'rosters and subscriptions',
  'BOSH bodies with 9 KB of attributes',
];

const observed = new Map<string, Observation>();
beforeAll(async () => {
  const [focus, attacks, observe] = await Promise.all([
    bundleDaemon('focus'),
    bundled("import './test/integration/limits/attacks.ts';"),
    bundled("import './test/integration/limits/observe.ts';"),
  ]);
  const plan = JSON.stringify({ attacks: ATTACKS, seconds: 1.5 });
  const { all } = await inDebian(
    [
      ...[...webPackage().files, ...prosodyPackage().files].map(({ path, text, mode }) =>
        file(path, text, mode),
      ),
      ...render(sampleFacts()),
      file('/opt/test/focus.cjs', focus),
      file('/opt/test/attacks.mjs', attacks),
      file('/opt/test/observe.mjs', observe),
      file('/opt/test/plan.json', plan),
    ],
    `${START}\nnode /opt/test/observe.mjs $(cat /run/prosody/prosody.pid) </opt/test/plan.json\ntail -n 15 /tmp/log/*`,
  );
  for (const [, line = ''] of all.matchAll(/^OBSERVED (.*)$/gm)) {
    const [name, observation] = JSON.parse(line) as [string, Observation];
    observed.set(name, observation);
  }
  if (observed.size === 0) throw new Error(all);
}, 300_000);

describe('while a stranger attacks', () => {
  it.each(ATTACKS)('people stay in their meeting, and others get in (%s)', (name) => {
    const { stayed, newcomer, peak } = observed.get(name) ?? {};
    expect({ stayed, newcomer }).toEqual({ stayed: true, newcomer: expect.any(Number) });
    // Idle it has 23 MB.
    expect(peak).toBeLessThan(80);
  });
});
