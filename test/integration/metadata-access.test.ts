import { beforeAll, describe, expect, it } from 'vitest';
import { METADATA_ACCESS } from '../../src/contract/machine-layout.js';
import type { MachineFile } from '../../src/node/render/file.js';
import { render } from '../../src/node/render/index.js';
import { sampleBridge, teamFacts } from '../sample-facts.js';
import { inDebian } from './debian-root.js';

const SERVICE = { v4: '169.254.169.254', v6: 'fd00:ec2::254' };
/** Users of the daemons, as Debian's and Jitsi's packages create them, and an unprivileged user. */
const DAEMONS = ['prosody', 'jicofo', 'jvb', 'www-data', 'haproxy', 'turnserver', 'nobody'];

/** A fake of the metadata service that returns a role's credentials at both of its addresses. */
const SERVER: MachineFile = {
  path: '/opt/test/server.mjs',
  mode: 0o644,
  owner: 'root:root',
  text: `import { createServer } from 'node:http';
for (const address of ${JSON.stringify(Object.values(SERVICE))})
  createServer((_, answer) => answer.end('AccessKeyId')).listen(80, address);
`,
  readBy: [],
};

/** The machine's addresses. With the service's own address as source, replies would match the same rules. */
const OWN = { v4: '10.20.0.10', v6: 'fd00::10' };

const start = (load: string) => `
for address in ${SERVICE.v4} ${OWN.v4}; do ip address add $address/32 dev lo; done
for address in ${SERVICE.v6} ${OWN.v6}; do ip -6 address add $address/128 dev lo nodad; done
node /opt/test/server.mjs &
until curl -s -o /dev/null http://${SERVICE.v4}/ && curl -s -o /dev/null 'http://[${SERVICE.v6}]/'; do sleep 0.05; done
${load}
ask() { runuser -u $1 -- curl -s -m 5 --interface $2 "$3" || echo refused with $?; }
for user in root convoke ${DAEMONS.join(' ')}; do
  echo "$user: $(ask $user ${OWN.v4} http://${SERVICE.v4}/)"
  echo "$user: $(ask $user ${OWN.v6} 'http://[${SERVICE.v6}]/')"
done
`;

/** The service's answers to each user, at both of its addresses. */
async function heard(files: readonly MachineFile[], load: string): Promise<Record<string, string[]>> {
  const { stdout } = await inDebian([...files, SERVER], start(load));
  const by: Record<string, string[]> = {};
  for (const [, user = '', what = ''] of stdout.matchAll(/^([\w-]+): (.*)$/gm)) {
    by[user] = [...(by[user] ?? []), what];
  }
  return by;
}

describe.each([
  ['a shard', render(teamFacts())],
  ['a bridge', render(sampleBridge())],
])('the metadata service, on %s', (_, files) => {
  let answers: Record<string, string[]>;

  beforeAll(async () => {
    answers = await heard(files, `nft --file ${METADATA_ACCESS}`);
  });

  it.each(['root', 'convoke'])('answers %s', (user) =>
    expect(answers[user]).toEqual(['AccessKeyId', 'AccessKeyId']),
  );

  // curl's code for a connection that was refused.
  it.each(DAEMONS)('refuses the connections of %s immediately', (user) =>
    expect(answers[user]).toEqual(['refused with 7', 'refused with 7']),
  );
});

it('the metadata service would answer every user without the rules', async () => {
  const answers = await heard([], 'true');
  for (const user of DAEMONS) expect(answers[user], user).toEqual(['AccessKeyId', 'AccessKeyId']);
});
