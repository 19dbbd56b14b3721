import { beforeAll, describe, expect, it } from 'vitest';
import { render } from '../../src/node/render/index.js';
import { prosodyPackage } from '../../src/rehearsal/fakes/packages/prosody.js';
import { teamFacts } from '../sample-facts.js';
import { bundled } from './bundle.js';
import { inDebian } from './debian-root.js';

const facts = teamFacts();

const script = (username: string, password: string) => `
ip address add ${facts.instance.privateAddress}/32 dev lo
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test \\
  -keyout /etc/prosody/certs/convoke.key -out /etc/prosody/certs/convoke.crt 2>/dev/null
chgrp prosody /etc/prosody/certs/convoke.*; chmod 640 /etc/prosody/certs/convoke.*
chown prosody /run/prosody
runuser -u prosody -- prosody -F >/tmp/prosody.log 2>&1 &
until curl -s -o /dev/null http://127.0.0.1:5280/http-bind; do sleep 0.05; done
node /opt/test/account.mjs ${facts.spec.domain} ${username} ${password} || tail -n 30 /tmp/prosody.log
`;

async function tryAs(username: string, password: string): Promise<Record<string, string>> {
  const program = {
    path: '/opt/test/account.mjs',
    mode: 0o644,
    owner: 'root:root',
    text: await bundled("import './test/integration/bridge-account.ts';"),
    readBy: [],
  };
  const plugins = prosodyPackage().files.map(({ path, text, mode }) => ({
    path,
    text,
    mode: mode ?? 0o644,
    owner: 'root:root',
    readBy: [],
  }));
  const { all } = await inDebian([...plugins, ...render(facts), program], script(username, password));
  const [, line] = /^ANSWERS (.*)$/m.exec(all) ?? [];
  if (!line) throw new Error(all);
  return JSON.parse(line);
}

describe('the account of bridges, on a real Prosody', () => {
  let answers: Record<string, string>;
  beforeAll(async () => {
    answers = await tryAs('jvb', facts.passwords.bridge);
  }, 60_000);

  it('can join the brewery, where Jicofo finds bridges', () => {
    expect(answers).toMatchObject({ brewery: 'joined', ownHost: 'answered' });
  });

  it('cannot open, enter or discover a meeting', () => {
    expect(answers).toMatchObject({ meeting: 'forbidden', rooms: 'forbidden', host: 'forbidden' });
  });
});

it('is not that of Jicofo, which opens meetings', async () => {
  expect(await tryAs('focus', facts.passwords.focus)).toMatchObject({ meeting: 'joined' });
}, 60_000);
