import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/node/access/tokens.js';
import type { MachineFile } from '../../../src/node/render/file.js';
import { render } from '../../../src/node/render/index.js';
import { bundleDaemon } from '../../../src/rehearsal/understudy/bundle.js';
import type { PackageFile } from '../../../src/rehearsal/understudy/deb.js';
import { prosodyPackage } from '../../../src/rehearsal/understudy/packages/prosody.js';
import { tokensPackage } from '../../../src/rehearsal/understudy/packages/tokens.js';
import { webPackage } from '../../../src/rehearsal/understudy/packages/web.js';
import { sampleFacts } from '../../sample-facts.js';
import { bundled } from '../bundle.js';
import { inDebian } from '../debian-root.js';

/**
 * A cell for members as it is on a machine, but for systemd: HAProxy, nginx, Prosody and the agent's admission are real;
 * understudies take the places of Jicofo, the web client and Jitsi's modules for Prosody.
 */
const facts = sampleFacts({ spec: { access: 'members' } });
const { domain } = facts.spec;
const ROOM = 'town%20hall';

const now = new Date();
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000);

function forged(header: object, changes: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(inSeconds(3600).getTime() / 1000);
  const claims = {
    iss: 'convoke',
    aud: 'convoke',
    sub: domain,
    room: ROOM,
    exp,
    context: { user: {} },
    ...changes,
  };
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', facts.passwords.tokens).update(signed).digest('base64url')}`;
}

function invitation(
  changes: { room?: string; key?: string; domain?: string; expires?: Date; moderator?: boolean } = {},
) {
  const { key = facts.passwords.tokens, expires = inSeconds(3600), ...rest } = changes;
  return signToken({ domain, room: ROOM, id: 'a', moderator: false, ...rest }, key, {
    now: expires < now ? inSeconds(-7200) : now,
    expires,
  });
}

const HS256 = { alg: 'HS256', typ: 'JWT' };

async function tokens(): Promise<Record<string, string | null>> {
  return {
    good: await invitation(),
    moderator: await invitation({ moderator: true }),
    none: null,
    empty: '',
    garbage: 'hunter2',
    expired: await invitation({ expires: inSeconds(-60) }),
    'wrong room': await invitation({ room: 'other' }),
    'wrong key': await invitation({ key: 'a key that is not the one of this deployment' }),
    'other deployment': await invitation({
      domain: 'meet.example.net',
      key: 'the key of the other deployment',
    }),
    'other domain, same key': await invitation({ domain: 'meet.example.net' }),
    'alg none': forged({ alg: 'none', typ: 'JWT' }).replace(/[^.]*$/, ''),
    'alg none, signed': forged({ alg: 'none', typ: 'JWT' }),
    'alg HS512': forged({ alg: 'HS512', typ: 'JWT' }),
    'nbf in the future': forged(HS256, { nbf: Math.floor(inSeconds(1800).getTime() / 1000) }),
    'without an end': forged(HS256, { exp: undefined }),
    'every room': forged(HS256, { room: '*' }),
  };
}

const file = (path: string, text: string, mode = 0o644): MachineFile => ({
  path,
  mode,
  owner: 'root:root',
  text,
  readBy: [],
});
const unpacked = (files: readonly PackageFile[]) =>
  files.map(({ path, text, mode }) => file(path, text, mode));

const START = `
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test \\
  -keyout /etc/prosody/certs/convoke.key -out /etc/prosody/certs/convoke.crt 2>/dev/null
chgrp prosody /etc/prosody/certs/convoke.*; chmod 640 /etc/prosody/certs/convoke.*
chown prosody /run/prosody; mkdir -m 0777 /tmp/log
as() { local user=$1 name=$2; shift 2; runuser -u "$user" -- "$@" >/tmp/log/$name 2>&1 & }
as prosody prosody prosody -F
until curl -s -o /dev/null http://127.0.0.1:5280/http-bind; do sleep 0.05; done
as jicofo focus env JAVA_SYS_PROPS=-Dconfig.file=/etc/jitsi/jicofo/jicofo.conf node /opt/test/focus.cjs
as convoke admission node /opt/test/admission.mjs '${JSON.stringify(facts.spec)}'
admission=$!
nginx 2>/tmp/log/nginx; haproxy -D -f /etc/haproxy/haproxy.cfg 2>/tmp/log/haproxy
until curl -sf -o /dev/null http://127.0.0.1/convoke/health/edge && curl -sf -o /dev/null http://127.0.0.1:8888/stats &&
  curl -s -o /dev/null http://127.0.0.1:8104/; do sleep 0.05; done
`;

const SECRETS = `
cat /proc/[0-9]*/cmdline | tr '\\0' ' ' > /tmp/log/processes
for name in $(ls /tmp/log); do grep -qF -e '${facts.passwords.tokens}' -e 'eyJ' /tmp/log/$name && echo "LEAK $name"; done
echo "SEARCHED $(ls /tmp/log | tr '\\n' ' ')"
su -s /bin/sh www-data -c 'cat /etc/convoke/token-key' 2>&1; su -s /bin/sh convoke -c 'cat /etc/prosody/prosody.cfg.lua' 2>&1; su -s /bin/sh www-data -c 'cat /etc/prosody/prosody.cfg.lua' 2>&1
curl -s -o /dev/null -w 'PAGE WITH AGENT %{http_code}\\n' http://127.0.0.1/room
kill $admission; until ! curl -s -o /dev/null http://127.0.0.1:8104/; do sleep 0.05; done
curl -s -w '\\nPAGE WITHOUT AGENT %{http_code}\\n' http://127.0.0.1/room | grep -E 'PAGE WITHOUT|title'
curl -s -o /dev/null -w 'CONFERENCE WITHOUT AGENT %{http_code}\\n' -d '{}' http://127.0.0.1/conference-request/v1
`;

interface Ways {
  readonly page: number;
  readonly conference: number;
  readonly bosh: string;
  readonly websocket: string;
}
let answers: Record<string, Ways> & { conferenceOfAnotherRoom?: number; conferenceInXmpp?: string };
let output: string;

beforeAll(async () => {
  const [focus, client, admission] = await Promise.all([
    bundleDaemon('focus'),
    bundled("import './test/integration/access/client.ts';"),
    bundled(
      "import { serveAdmission } from './src/node/access/serve.js'; await serveAdmission(JSON.parse(process.argv[2] ?? ''));",
    ),
  ]);
  // The client gets the tokens from a file, so that a process list with a token in it is nobody's but the deployment's.
  const plan = JSON.stringify({ domain, room: ROOM, tokens: await tokens() });
  const { all } = await inDebian(
    [
      ...unpacked([...webPackage().files, ...prosodyPackage().files, ...tokensPackage().files]),
      ...render(facts),
      file('/opt/test/focus.cjs', focus),
      file('/opt/test/client.mjs', client),
      file('/opt/test/admission.mjs', admission),
      file('/opt/test/plan.json', plan),
    ],
    `${START}\nnode /opt/test/client.mjs </opt/test/plan.json\n${SECRETS}\ntail -n 20 /tmp/log/*`,
  );
  output = all;
  answers = JSON.parse(/^ANSWERS (.*)$/m.exec(all)?.[1] ?? 'null');
  if (!answers) throw new Error(all);
}, 300_000);

describe('a cell for members lets in', () => {
  it('who has an invitation to the room, by every way', () => {
    expect(answers.good).toEqual({ page: 200, conference: 200, bosh: 'in', websocket: 'in' });
  });

  it('a moderator as one', () => {
    expect(answers.moderator).toMatchObject({ bosh: 'in, as moderator', websocket: 'in, as moderator' });
  });
});

describe('a cell for members refuses, by every way', () => {
  it.each([
    'none',
    'empty',
    'garbage',
    'expired',
    'wrong key',
    'other deployment',
    'alg none',
    'alg none, signed',
    'alg HS512',
    'nbf in the future',
    'without an end',
  ])('a token that is: %s', (name) => {
    expect(answers[name]).toEqual({
      page: 403,
      conference: 403,
      bosh: 'login refused',
      websocket: 'login refused',
    });
  });

  it.each(['wrong room', 'other domain, same key', 'every room'])('a token for another room: %s', (name) => {
    expect(answers[name]).toEqual({
      page: 403,
      conference: 403,
      bosh: 'room refused',
      websocket: 'room refused',
    });
  });

  it('a request for a conference in another room than that of the token', () => {
    expect(answers.conferenceOfAnotherRoom).toBe(403);
    expect(answers.conferenceInXmpp).toBe('forbidden');
  });
});

describe('the key of a cell for members', () => {
  it('is in no process list and no log, and neither is a token', () => {
    expect(output).toMatch(/SEARCHED .*focus .*nginx .*processes .*prosody/);
    expect(output).not.toMatch(/LEAK/);
  });

  it('is read by root, Prosody and the agent, and nobody else', () => {
    expect(output).toContain('/etc/convoke/token-key: Permission denied');
    expect(output).toContain('/etc/prosody/prosody.cfg.lua: Permission denied');
  });
});

describe('a cell for members whose agent is down', () => {
  it('still serves the page, which opens nothing, and no conference', () => {
    expect(output).toContain('PAGE WITH AGENT 403');
    expect(output).toContain('PAGE WITHOUT AGENT 200');
    expect(output).toMatch(/CONFERENCE WITHOUT AGENT 50[24]/);
  });
});
