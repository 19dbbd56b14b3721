import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/contract/tokens.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Plan } from './hosts.js';

const facts = sampleFacts({
  spec: {
    access: 'hosts',
    login: {
      issuer: 'https://id.test:9443',
      client: 'meet',
      allow: { domains: ['example.org'] },
      moderators: { claim: 'groups', values: ['teachers'] },
      session: '12h',
      secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:login',
    },
  },
});
const { domain } = facts.spec;
const now = new Date();
const token = (changes: object = {}, key = facts.passwords.tokens) =>
  signToken({ domain, room: 'hall', id: 'a', moderator: false, ...changes }, key, {
    now,
    expires: new Date(now.getTime() + 3_600_000),
  });

/** A name and a certificate for the provider, which the agent and the browser accept. */
const PROVIDER = `
echo '127.0.0.1 id.test' >> /etc/hosts
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=id.test -addext subjectAltName=DNS:id.test \\
  -keyout /tmp/provider.key -out /tmp/provider.crt 2>/dev/null
export NODE_EXTRA_CA_CERTS=/tmp/provider.crt
node /opt/test/provider.mjs >/tmp/log/provider 2>&1 &
until curl -s -o /dev/null --cacert /tmp/provider.crt https://id.test:9443/.well-known/openid-configuration; do sleep 0.1; done
`;
const SECRETS = `
for name in admission nginx prosody focus haproxy; do grep -qE 'eyJ|the-secret-of|[?&]code=' /tmp/log/$name && echo "LEAK $name"; done
su -s /bin/sh www-data -c 'cat /etc/convoke/sign-in-key' 2>&1; su -s /bin/sh prosody -c 'cat /etc/convoke/sign-in-key' 2>&1
`;

let seen: Readonly<Record<string, unknown>>;
let output: string;
beforeAll(async () => {
  const tokens = {
    guest: await token({ needsHost: true }),
    invited: await token(),
    forged: await token({ moderator: true }, 'a key that is not the one of this deployment'),
  };
  output = await inShard(facts, {
    program: './test/integration/access/hosts.ts',
    programs: { provider: './test/integration/access/openid-provider.ts' },
    plan: { domain, spec: JSON.stringify(facts.spec), tokens } satisfies Plan,
    before: PROVIDER,
    script: SECRETS,
  });
  seen = answersIn(output);
}, 300_000);

const REFUSED = { bosh: 'room refused', websocket: 'room refused' };
const WAITING = '403 The meeting has not started yet.';

describe('a host', () => {
  it('signs in at a provider, also if one agent begins and another one completes', () => {
    expect(seen.completed).toEqual([302, `https://${domain}/Hall`]);
    expect(seen.opened).toEqual([302, `https://${domain}/Hall?jwt=…`]);
    expect(seen.hostPage).toBe(200);
  });

  it('is a moderator, also after leaving and coming back', () => {
    expect(seen.host).toBe('in, as moderator');
    expect(seen.hostAgain).toBe('in, as moderator');
  });

  it('is only who has the claim; others who sign in wait, and strangers are refused', () => {
    expect(seen.pupil).toEqual([`https://${domain}/hall`, WAITING]);
    expect(seen.notAllowed).toBe('403 This account may not sign in here.');
    expect(seen.otherAccount).toMatch(/^\/interaction\//);
  });

  it('signs out', () => {
    expect(seen.signedOut).toEqual([303, WAITING, '200 You are signed out.']);
  });
});

describe('a guest', () => {
  it('waits until a host has entered, and opens no meeting in any way', () => {
    expect(seen.waiting).toBe(WAITING);
    expect(seen.beforeHost).toEqual({ started: false });
    expect(seen.guestFirst).toEqual({ page: 200, conference: 403, ...REFUSED });
    expect(seen.guestBeforeHost).toEqual({ page: 200, conference: 403, ...REFUSED });
  });

  it('gets in once the host is there, and into no other meeting', () => {
    expect(seen.started).toBe(true);
    expect(seen.guest).toEqual({ page: 200, conference: 200, bosh: 'in', websocket: 'in' });
    expect(seen.guestElsewhere).toEqual({ page: 403, conference: 403, ...REFUSED });
  });

  it('gets in while the meeting goes on without the host, and waits again after its end', () => {
    expect(seen.withoutHost).toBe(true);
    expect(seen.guestAfterEnd).toBe(403);
  });

  it('with an invitation gets in without a host, and starts the meeting for no other guest', () => {
    expect(seen.invited).toBe('in');
    expect(seen.startedByInvited).toBe(false);
  });

  it('finds the same room as the host, however its name is written', () => {
    expect(seen.otherLetters).toBe(true);
  });
});

describe('refused is', () => {
  it('a sign-in with the state of another browser, and a code that was used', () => {
    expect(seen.stateOfAnother).toBe('403 This sign-in was not started here.');
    expect(seen.replay).toBe('403 The sign-in could not be completed.');
    expect(seen.again).toBe('403 This sign-in was not started here.');
  });

  it('a forged moderator', () => {
    const refused = { bosh: 'login refused', websocket: 'login refused' };
    expect(seen.forged).toEqual({ page: 403, conference: 403, ...refused });
  });

  it('a sign-in that leads to another site, and every other path of the agent', () => {
    expect(seen.openRedirects).toEqual([404, 404, 404, 404]);
    expect(seen.otherPaths).toEqual([404, 404, 404, 404]);
  });
});

describe('clear sentences', () => {
  it('say that the provider is down', () => {
    expect(seen.providerDown).toBe('503 Nobody can sign in at the moment.');
  });
});

describe('secrets', () => {
  it('are in no log, and the key of cookies is readable only for root and the agent', () => {
    expect(output).not.toMatch(/LEAK/);
    expect(output.match(/sign-in-key: Permission denied/g)).toHaveLength(2);
  });
});
