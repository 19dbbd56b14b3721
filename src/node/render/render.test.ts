import { describe, expect, it } from 'vitest';
import { sampleBridge, sampleFacts, sampleMembers, teamFacts } from '../../../test/sample-facts.js';
import { LEAST_MEMORY } from '../../config/memory.js';
import { MeetingSettings } from '../../contract/meetings.js';
import type { ShardFacts } from '../facts.js';
import { DAEMONS_OF_MEMBERS, daemons, memberFiles, render } from './index.js';
import { bridgeHeap, jicofoHeap, memoryMax } from './memory.js';

const facts = sampleFacts();
const byPath = (files = render(facts)): Map<string, string> =>
  new Map(files.map((file) => [file.path, file.text]));

describe('render', () => {
  it.each(['/etc/haproxy/haproxy.cfg', '/etc/nginx/nginx.conf'])('writes %s as before', (path) => {
    expect(byPath().get(path)).toMatchSnapshot();
  });

  it.each([
    ['two', teamFacts()],
    ['two, one of them without a machine', teamFacts([])],
    ['two, one of them with two machines', teamFacts([sampleMembers.shardA, sampleMembers.shardB])],
  ])('writes the edge and the web server of a shard of %s as before', (_, team) => {
    const files = byPath(render(team));
    expect(files.get('/etc/haproxy/haproxy.cfg')).toMatchSnapshot();
    expect(files.get('/etc/nginx/nginx.conf')).toBe(byPath(render(teamFacts())).get('/etc/nginx/nginx.conf'));
  });

  it.each(['haproxy/haproxy.cfg', 'nginx/nginx.conf', 'prosody/prosody.cfg.lua'])(
    'does not listen for other shards if there is only one (%s)',
    (path) => expect(byPath().get(`/etc/${path}`)).not.toContain(facts.instance.privateAddress),
  );

  it.each([
    ['anywhere', undefined],
    ['nowhere', "frame-ancestors 'self'"],
    [
      ['https://a.example.org', 'https://b.example.org:8443'],
      "frame-ancestors 'self' https://a.example.org https://b.example.org:8443",
    ],
  ] as const)('lets meetings be embedded %s', (embedding, policy) => {
    const meetings = MeetingSettings.parse({ embedding });
    const nginx = byPath(render(sampleFacts({ spec: { meetings } }))).get('/etc/nginx/nginx.conf');
    expect(/frame-ancestors [^"]*/.exec(nginx ?? '')?.[0]).toBe(policy);
  });

  it('puts passwords only into files that others cannot read', () => {
    const { focus, bridge } = facts.passwords;
    const open = render(facts).filter((file) => file.mode & 0o007);
    for (const file of open) expect(file.text, file.path).not.toMatch(new RegExp(`${focus}|${bridge}`));
  });

  it('writes the key of invitations for Prosody and root only, and not at all in open deployments', () => {
    const { tokens } = facts.passwords;
    const holding = (of: typeof facts) => render(of).filter((file) => file.text.includes(tokens));
    expect(holding(facts)).toEqual([]);
    const members = sampleFacts({ spec: { access: 'members' } });
    expect(holding(members).map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
      ['/etc/prosody/prosody.cfg.lua', 0o640, 'root:prosody'],
      ['/etc/convoke/token-key', 0o640, 'root:convoke'],
    ]);
  });

  it('writes the key of cookies for the agent and root only, where hosts sign in', () => {
    const holding = (access: 'members' | 'hosts') =>
      render(sampleFacts({ spec: { access } })).filter(({ text }) => text.includes(facts.passwords.signIn));
    expect(holding('members')).toEqual([]);
    expect(holding('hosts').map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
      ['/etc/convoke/sign-in-key', 0o640, 'root:convoke'],
    ]);
  });

  it('opens paths of the agent only where hosts sign in', () => {
    const configs = (access: 'members' | 'hosts') =>
      render(sampleFacts({ spec: { access } }))
        .filter(({ path }) => /nginx[.]conf|haproxy[.]cfg|prosody[.]cfg/.test(path))
        .map(({ text }) => /sign-in|convoke_hosts/.test(text));
    expect(configs('members')).toEqual([false, false, false]);
    expect(configs('hosts')).toEqual([true, true, true]);
  });

  it("does not write the bridge's password into Jicofo's file, nor the other way round", () => {
    const files = byPath();
    expect(files.get('/etc/jitsi/jicofo/jicofo.conf')).not.toContain(facts.passwords.bridge);
    expect(files.get('/etc/jitsi/videobridge/jvb.conf')).not.toContain(facts.passwords.focus);
  });

  it('renders no bridge for a shard without a co-located one, and opens Prosody to dedicated bridges', () => {
    const shard = sampleFacts({ spec: { colocatedBridge: false } });
    expect(render(shard).filter((file) => /videobridge/.test(file.path))).toEqual([]);
    expect(daemons(shard.spec)).not.toContain('jitsi-videobridge2');
    const interfaces = (files: Map<string, string>) =>
      /c2s_interfaces = (.*)/.exec(files.get('/etc/prosody/prosody.cfg.lua') ?? '')?.[1];
    expect(interfaces(byPath(render(shard)))).toBe('{ "127.0.0.1", "10.20.0.10" }');
    expect(interfaces(byPath())).toBe('{ "127.0.0.1" }');
  });

  it('maps the bridge to its public address, or works without one', () => {
    expect(byPath().get('/etc/jitsi/videobridge/jvb.conf')).toContain('public-address = "203.0.113.7"');
    const hidden = byPath(render(sampleFacts({ instance: { publicAddress: null } })));
    expect(hidden.get('/etc/jitsi/videobridge/jvb.conf')).toContain('require-valid-address = false');
    expect(hidden.get('/etc/jitsi/videobridge/jvb.conf')).toContain('static-mappings = []');
  });

  it('names the readers of each file, so that a change of address affects the bridge alone', () => {
    const moved = sampleFacts({
      instance: { privateAddress: '10.20.1.20', publicAddress: '203.0.113.9' },
    });
    const before = byPath();
    const changed = render(moved).filter((file) => before.get(file.path) !== file.text);
    expect(changed.flatMap((file) => file.readBy)).toEqual(['jitsi-videobridge2']);
  });
});

describe('on a dedicated bridge', () => {
  const bridge = sampleBridge();

  it('no file depends on which other machines exist', () => {
    const more = sampleBridge({ members: [sampleMembers.shardA, sampleMembers.bridge] });
    expect(render(more)).toEqual(render(bridge));
  });

  it('only the bridge and the agent can read the password', () => {
    const open = render(bridge).filter((file) => file.mode & 0o007);
    for (const file of open) expect(file.text, file.path).not.toContain(bridge.passwords.bridge);
  });

  it('the agent is not in a group that exists only on shards', () => {
    const unit = (files: ReturnType<typeof render>) =>
      byPath(files).get('/etc/systemd/system/convoke-agent.service');
    expect(unit(render(bridge))).not.toContain('haproxy');
    expect(unit(render(facts))).toContain('SupplementaryGroups=haproxy');
  });
});

describe('TURN', () => {
  const solo = sampleFacts({ spec: { turn: true } });
  const team = teamFacts(Object.values(sampleMembers));
  const paths = ['/etc/turnserver.conf', '/etc/convoke/turn-peers.nft'];

  it('may send to the co-located bridge, or to dedicated bridges', () => {
    const elements = (of: ShardFacts) =>
      /elements = \{ (.*) \}/.exec(byPath(render(of)).get(paths[1] ?? '') ?? '')?.[1];
    expect(elements(solo)).toBe(solo.instance.privateAddress);
    expect(elements(team)).toBe(sampleMembers.bridge.privateAddress);
    expect(elements(teamFacts([]))).toBeUndefined();
  });

  it('is configured for all of Prosody’s hosts: the component that announces it is not the participants’ host', () => {
    const prosody = byPath(render(team)).get('/etc/prosody/prosody.cfg.lua') ?? '';
    const [everywhere = ''] = prosody.split(/^(?:VirtualHost|Component) /m);
    expect(everywhere).toContain('external_services = {');
  });

  it('has a secret that only Prosody and coturn can read', () => {
    const open = render(team).filter((file) => file.mode & 0o007);
    for (const file of open) expect(file.text, file.path).not.toContain(team.passwords.turn);
  });

  it('is in no file unless it is enabled', () => {
    expect(JSON.stringify(render(sampleFacts()))).not.toMatch(/turnserver|external_services = /);
    expect(daemons(sampleFacts().spec).join()).not.toMatch(/turn/);
    expect(daemons(solo.spec)).toEqual(expect.arrayContaining(['convoke-turn-peers', 'coturn']));
  });
});

it('lets HAProxy and nginx open as many files as their connections need', () => {
  const files = byPath(render(sampleFacts({ spec: { turn: true } })));
  const number = (path: string, pattern: RegExp) => Number(pattern.exec(files.get(path) ?? '')?.[1]);
  const open = (daemon: string) =>
    number(`/etc/systemd/system/${daemon}.service.d/convoke.conf`, /^LimitNOFILE=(\d+)$/m);
  // Two for each connection, and some of its own: without them HAProxy does not start.
  expect(open('haproxy')).toBeGreaterThan(2 * number('/etc/haproxy/haproxy.cfg', /maxconn (\d+)/) + 1_000);
  expect(open('nginx')).toBeGreaterThan(number('/etc/nginx/nginx.conf', /worker_connections (\d+)/) + 1_000);
});

describe('machines that join or leave', () => {
  const team = teamFacts();
  it.each([
    ['none', []],
    ['another shard', [sampleMembers.shardA]],
    ['bridges and an older machine of the same shard', Object.values(sampleMembers)],
  ])('change the edge and nothing else (%s)', (_, members) => {
    const now: ShardFacts = { ...team, members };
    const edge = memberFiles(now).map(({ path }) => path);
    const rest = (of: ShardFacts) => render(of).filter(({ path }) => !edge.includes(path));
    expect(rest(now)).toEqual(rest({ ...team, members: [], instance: { ...team.instance } }));
    expect(DAEMONS_OF_MEMBERS).toEqual(
      expect.arrayContaining(memberFiles(now).flatMap(({ readBy }) => readBy)),
    );
  });

  it('change nothing if only their order changes', () => {
    const all = Object.values(sampleMembers);
    expect(memberFiles({ ...team, members: all })).toEqual(
      memberFiles({ ...team, members: [...all].reverse() }),
    );
  });
});

describe('bridgeHeap', () => {
  it.each([
    [950, 'shard', 384],
    [1900, 'shard', 576],
    [3900, 'shard', 1984],
    [16_000, 'shard', 3072],
    [1900, 'bridge', 960],
    [3900, 'bridge', 2368],
  ] as const)('of a machine of %i MiB of a %s is %i MiB', (memory, of, heap) => {
    expect(bridgeHeap(memory, of)).toBe(heap);
  });
});

it.each([
  [1900, 256],
  [3900, 256],
  [7900, 448],
  [16_000, 960],
  [64_000, 1024],
])('the heap of Jicofo on a machine of %i MiB is %i MiB', (memory, heap) => {
  expect(jicofoHeap(memory)).toBe(heap);
});

it.each(['shard', 'bridge'] as const)(
  'a %s fits into the least memory that is accepted, and into no less',
  (on) => {
    // What EC2 calls 1 GiB and 2 GiB, less what the kernel keeps; and what the others were measured to take, with the system.
    const others = { shard: 600, bridge: 250 }[on];
    const least = LEAST_MEMORY[on === 'shard' ? 'shard with a co-located bridge' : 'bridge'] * 1024 - 150;
    expect(memoryMax('jitsi-videobridge2', least, on) + others).toBeLessThanOrEqual(least);
    expect(memoryMax('jitsi-videobridge2', least / 2, on) + others).toBeGreaterThan(least / 2);
  },
);

describe('memoryMax', () => {
  it.each([950, 1900, 3900, 8000, 16_000])(
    'of a shard of %i MiB leaves the JVMs more than their heap',
    (memory) => {
      expect(memoryMax('jicofo', memory, 'shard')).toBeGreaterThanOrEqual(jicofoHeap(memory) + 200);
      for (const on of ['shard', 'bridge'] as const) {
        const heap = bridgeHeap(memory, on);
        expect(memoryMax('jitsi-videobridge2', memory, on)).toBeGreaterThanOrEqual(heap * 1.25 + 200);
      }
    },
  );

  it.each([1900, 3900, 16_000])(
    'of a machine of %i MiB ends one daemon before the machine has no memory',
    (memory) => {
      // What the others were measured to take, and the system.
      const others = { shard: 600, bridge: 250 };
      for (const on of ['shard', 'bridge'] as const) {
        expect(memoryMax('jitsi-videobridge2', memory, on) + others[on]).toBeLessThanOrEqual(memory);
      }
      for (const daemon of ['prosody', 'nginx', 'haproxy', 'coturn', 'jicofo'] as const) {
        expect(memoryMax(daemon, memory, 'shard') + 1_200).toBeLessThanOrEqual(memory);
      }
    },
  );

  it('is in the units of all daemons', () => {
    const units = (of: Parameters<typeof render>[0]) =>
      render(of).filter(({ path }) =>
        /system\/(?:jitsi-)?(prosody|nginx|haproxy|jicofo|videobridge2|coturn)[.]service/.test(path),
      );
    const all = units(sampleFacts({ spec: { turn: true } }));
    expect(all).toHaveLength(6);
    for (const { path, text } of [...all, ...units(sampleBridge())])
      expect(text, path).toMatch(/^MemoryMax=\d+M$/m);
  });
});
