import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/node/access/tokens.js';
import { PORTS } from '../../../src/node/ports.js';
import type { MachineFile } from '../../../src/node/render/file.js';
import { render } from '../../../src/node/render/index.js';
import { TURN_PEERS } from '../../../src/node/render/turn.js';
import { prosodyPackage } from '../../../src/rehearsal/understudy/packages/prosody.js';
import { tokensPackage } from '../../../src/rehearsal/understudy/packages/tokens.js';
import { sampleFacts } from '../../sample-facts.js';
import { bundled } from '../bundle.js';
import { inDebian } from '../debian-root.js';
import type { Login } from './participant.js';
import type { Answers, Plan } from './shares-script.js';

/** A cell's edge, Prosody and coturn as they are on a machine, but for systemd. */
const START = `
ulimit -n 65000
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test \\
  -keyout /etc/prosody/certs/convoke.key -out /etc/prosody/certs/convoke.crt 2>/dev/null
chgrp prosody /etc/prosody/certs/convoke.*; chmod 640 /etc/prosody/certs/convoke.*
chown prosody /run/prosody; mkdir -m 0777 /tmp/log
ip address add ${sampleFacts().surroundings.privateAddress}/32 dev lo
as() { local user=$1 name=$2; shift 2; runuser -u "$user" -- "$@" >/tmp/log/$name 2>&1 & }
nft --file ${TURN_PEERS}
as turnserver coturn turnserver -c /etc/turnserver.conf --pidfile=
as prosody prosody prosody -F
haproxy -D -f /etc/haproxy/haproxy.cfg 2>/tmp/log/haproxy
until curl -s -o /dev/null http://127.0.0.1:${PORTS.prosodyHttp}/http-bind &&
  ss -lnt | grep -q 127.0.0.1:${PORTS.turnServer}; do sleep 0.05; done
node /opt/test/script.mjs < /opt/test/plan.json || tail /tmp/log/*
`;

const file = (path: string, text: string, mode = 0o644): MachineFile => ({
  path,
  mode,
  owner: 'root:root',
  text,
  readBy: [],
});

async function answersOf(access: 'open' | 'members', people: Omit<Plan, 'edge' | 'room'>): Promise<Answers> {
  const plan: Plan = { ...people, edge: PORTS.turn, room: 'town' };
  const facts = sampleFacts({ spec: { turn: true, access } });
  const { stdout, all } = await inDebian(
    [
      // There is no Jicofo here to open rooms.
      ...render(facts).map((one) => ({
        ...one,
        text: one.text.replaceAll('restrict_room_creation = true', 'restrict_room_creation = false'),
      })),
      ...[prosodyPackage(), tokensPackage()].flatMap(({ files }) =>
        files.map(({ path, text, mode }) => file(path, text, mode)),
      ),
      file('/opt/test/script.mjs', await bundled("import './test/integration/turn/shares-script.ts';")),
      file('/opt/test/plan.json', JSON.stringify(plan)),
    ],
    START,
  );
  const said = /^ANSWERS (.*)$/m.exec(stdout)?.[1];
  if (!said) throw new Error(all);
  return JSON.parse(said) as Answers;
}

const { domain } = sampleFacts().spec;
const token = (id: string) =>
  signToken({ domain, room: 'town', id, moderator: false }, sampleFacts().passwords.tokens, {
    now: new Date(),
    expires: new Date(Date.now() + 3_600_000),
  });

const cases = [
  {
    access: 'open',
    of: 'network',
    crowdSize: 120,
    share: 480,
    login: async (who: string): Promise<Login> => ({
      domain,
      address: who === 'crowd' ? '198.51.100.7' : '203.0.113.9',
    }),
  },
  {
    access: 'members',
    of: 'invitation',
    crowdSize: 30,
    share: 96,
    login: async (who: string): Promise<Login> => ({
      domain,
      address: '198.51.100.7',
      query: { room: 'town', token: await token(who) },
    }),
  },
] as const;

describe.each(cases)('relays of one $of', ({ access, crowdSize, share, login }) => {
  let answers: Answers;

  beforeAll(async () => {
    answers = await answersOf(access, {
      crowd: await login('crowd'),
      crowdSize,
      other: await login('other'),
    });
  });

  it(`are there for all of ${crowdSize} people who ask within the same second`, () => {
    expect(answers.crowdServed).toBe(crowdSize);
  });

  it(`are ${share} at most, however often somebody logs in`, () => {
    expect(answers.taken).toBe(share);
    expect(answers.takenByReturning).toBe(0);
  });

  it('leave relays for everybody else', () => {
    expect(answers.other).toBe(0);
  });

  it('are free again once their connections are closed', () => {
    expect(answers.afterwards).toBe(0);
  });

  it('are counted for a session by one name, wherever it has its credentials from', () => {
    const { asked, entering, askedAgain } = answers.names;
    expect(asked).toMatch(/^[0-9a-f]{16}$/);
    expect(entering).toBe(asked);
    expect(askedAgain).toBe(asked);
  });
});
