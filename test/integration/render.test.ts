import { beforeAll, describe, expect, it } from 'vitest';
import type { Facts, ShardFacts } from '../../src/node/facts.js';
import { isShard, render } from '../../src/node/render/index.js';
import { hocon, lua } from '../../src/node/render/quoting.js';
import { sampleBridge, sampleFacts, sampleMembers, teamFacts } from '../sample-facts.js';
import { inDebian } from './debian-root.js';

/** Files that the checkers need, and that come from provisioning or from packages that Debian does not have. */
const PREREQUISITES = `
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test \\
  -keyout /etc/prosody/certs/convoke.key -out /etc/prosody/certs/convoke.crt 2>/dev/null
chgrp prosody /etc/prosody/certs/convoke.*; chmod 640 /etc/prosody/certs/convoke.*
mkdir -p /usr/share/jicofo /usr/share/jitsi-videobridge
for program in /usr/share/jicofo/jicofo.sh /usr/share/jitsi-videobridge/jvb.sh; do printf '#!/bin/sh\\n' > $program; chmod +x $program; done
printf '[Service]\\nExecStart=/bin/true\\n' > /usr/lib/systemd/system/jitsi-videobridge2.service
check() { echo "##### $1"; shift; "$@" 2>&1; echo "exit code $?"; }
`;

interface Check {
  readonly by: string;
  readonly command: string;
  /** Output that counts as a failure although the checker accepts the file. */
  readonly not?: RegExp;
}

function checks(facts: Facts): Check[] {
  const units = render(facts).flatMap(
    ({ path }) => /^\/etc\/systemd\/system\/([^/]+?)(?:\.d\/.*)?$/.exec(path)?.[1] ?? [],
  );
  const systemd = {
    by: 'systemd',
    command: `systemd-analyze verify --man=no ${units.join(' ')}`,
    not: /\/etc\/systemd\/system/,
  };
  const videobridge = {
    by: 'a HOCON reader, for Videobridge',
    command: 'hocon -f /etc/jitsi/videobridge/jvb.conf get videobridge.ice.udp.port',
  };
  if (!isShard(facts)) return [systemd, videobridge];
  return [
    // -dW: warnings are errors.
    { by: 'HAProxy', command: 'haproxy -c -dW -f /etc/haproxy/haproxy.cfg' },
    { by: 'nginx', command: 'nginx -t', not: /\[warn\]/ },
    { by: 'Prosody', command: 'prosodyctl check config', not: /warn|error/i },
    {
      by: 'Node, as JavaScript',
      command: 'node --check /etc/jitsi/meet/convoke-config.js',
    },
    {
      by: 'Node, as JavaScript after that of the package',
      command: 'node --check /etc/jitsi/meet/convoke-interface-config.js',
    },
    systemd,
    ...(facts.spec.turn ? [{ by: 'nft', command: 'nft --check --file /etc/convoke/turn-peers.nft' }] : []),
    {
      by: 'a HOCON reader, for Jicofo',
      command: 'hocon -f /etc/jitsi/jicofo/jicofo.conf get jicofo.rest.port',
    },
    ...(facts.spec.colocatedBridge ? [videobridge] : []),
  ];
}

/** Checkers require that the addresses are this machine's. */
function onLoopback(facts: ShardFacts): ShardFacts {
  return { ...facts, instance: { ...facts.instance, privateAddress: '127.0.0.10' } };
}

const machines: Record<string, Facts> = {
  solo: sampleFacts(),
  'a shard of two': onLoopback(teamFacts()),
  'a shard whose cluster member is away': onLoopback(teamFacts([])),
  'a shard with two machines': onLoopback(teamFacts([sampleMembers.shardA, sampleMembers.shardB])),
  'a shard with a logo': sampleFacts({ spec: { logo: { bucket: 'bucket', key: 'key', type: 'png' } } }),
  'a shard alone with TURN': sampleFacts({ spec: { turn: true } }),
  'a shard for members': sampleFacts({ spec: { access: 'members' } }),
  'a machine without a public address': sampleFacts({ instance: { publicAddress: null } }),
  'a bridge': sampleBridge(),
};

describe.each(Object.entries(machines))('the files of %s are accepted by', (_, facts) => {
  const answers = new Map<string, string>();

  beforeAll(async () => {
    const script = checks(facts).map(({ by, command }) => `check '${by}' ${command}`);
    const { stdout } = await inDebian(render(facts), PREREQUISITES + script.join('\n'));
    for (const part of stdout.split('##### ').slice(1)) answers.set(part.split('\n')[0] ?? '', part);
  }, 60_000);

  it.each(checks(facts))('$by', ({ by, not }) => {
    const answer = answers.get(by);
    expect(answer).toContain('exit code 0');
    if (not) expect(answer).not.toMatch(not);
  });
});

describe('text with special characters is read back unchanged by', () => {
  const nasty = [
    '"; os.execute("id") --',
    'back\\slash\\',
    'line\nbreak\r\t',
    '${x} $(id) `id` %s',
    'é ∑ 😀',
  ];

  it('Lua', async () => {
    const literals = [...nasty, '\u00001'].map(lua).join(', ');
    const script = `cat > /tmp/x.lua <<'END'\nfor _, text in ipairs { ${literals} } do io.write(text, "\\1") end\nEND\nlua5.4 /tmp/x.lua`;
    expect((await inDebian([], script)).stdout.split('\u0001').slice(0, -1)).toEqual([...nasty, '\u00001']);
  }, 30_000);

  it('a HOCON reader', async () => {
    const script = `cat > /tmp/x.conf <<'END'\nall = [ ${nasty.map(hocon).join(', ')} ]\nEND\nhocon -j -f /tmp/x.conf get all`;
    expect(JSON.parse((await inDebian([], script)).stdout)).toEqual(nasty);
  }, 30_000);
});
