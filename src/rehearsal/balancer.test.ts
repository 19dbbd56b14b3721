import { describe, expect, it } from 'vitest';
import { sampleState } from '../../test/sample-state.js';
import { backendName, serverStates, targetHealth } from './balancer.js';
import { DesiredState } from './emulated-state.js';
import { hostsFile } from './hosts-file.js';
import { planMachines } from './machines.js';

const desired = sampleState();
const [group] = desired.targetGroups;
const arn = group?.arn ?? '';
const ID = 'i-0123456789abcdef0';

describe('the health of a target from HAProxy’s status', () => {
  it.each([
    ['UP', '* ', '', 'initial'],
    ['UP', 'INI', '', 'initial'],
    ['UP 1/2', 'L7OK', 'HTTP status check returned code <3C>200<3E>', 'healthy'],
    ['UP', '* L7OK', '', 'healthy'],
    ['DOWN', 'L4CON', 'Connection refused', 'unhealthy'],
    ['DOWN 1/2', 'L7STS', 'HTTP status 503', 'unhealthy'],
  ])('%s after %s: %s', (status, check, last, state) => {
    const csv = `# pxname,svname,status,check_status,last_chk\n${backendName(arn)},${ID},${status},${check},${last}\n`;
    expect(targetHealth(csv, desired)[arn]?.[ID]?.state).toBe(state);
  });

  it('is initial if HAProxy does not have the target yet', () => {
    expect(targetHealth('', desired)).toEqual({ [arn]: { [ID]: { state: 'initial', reason: '' } } });
  });
});

it('a new target is down until its first successful check, and all others keep their state', () => {
  const said = `1\n# be_id be_name srv_id srv_name\n3 ${backendName(arn)} 1 ${ID} 10.20.0.10 2 0\n`;
  expect(serverStates(said, desired)).toBe(said);
  const two = sampleState({
    targetGroups: desired.targetGroups.map((each) => ({
      ...each,
      targets: [...each.targets, { id: 'i-1', ip: '10.20.0.11', port: 80 }],
    })),
  });
  expect(serverStates(said, two).split('\n').at(-2)).toContain(`${backendName(arn)} 2 i-1 10.20.0.11 0 `);
  expect(serverStates('', two).split('\n')).toHaveLength(5);
});

describe('machines', () => {
  it('are started once; a failed one is replaced by its group', () => {
    expect(planMachines(desired, new Map()).start.map(({ id }) => id)).toEqual([ID]);
    expect(planMachines(desired, new Map([[ID, { state: 'dead', reason: '' } as const]]))).toEqual({
      start: [],
      stop: [],
      remove: [],
    });
  });

  it('are stopped and started again on request', () => {
    const [instance] = desired.instances;
    if (!instance) throw new Error('the sample has no machine');
    const known = (state: 'running' | 'stopped') => new Map([[ID, { state, reason: '' }]]);
    const stopped = sampleState({ instances: [{ ...instance, wanted: 'stopped' }] });
    expect(planMachines(stopped, known('running'))).toEqual({ start: [], stop: [ID], remove: [] });
    expect(planMachines(stopped, known('stopped'))).toEqual({ start: [], stop: [], remove: [] });
    expect(planMachines(desired, known('stopped')).start).toEqual([instance]);
  });

  it('are removed if they are no longer desired, or unknown', () => {
    const known = new Map([
      [ID, { state: 'running', reason: '' } as const],
      ['i-1', { state: 'running', reason: '' } as const],
    ]);
    expect(planMachines(desired, known).remove).toEqual(['i-1']);
    expect(planMachines(sampleState({ instances: [] }), known).remove).toEqual([ID, 'i-1']);
  });
});

it('a domain resolves to the load balancer of its record', () => {
  expect(hostsFile(desired)).toContain('203.0.113.2 meet.example.org\n');
});

it('the name of TURN resolves to the network load balancer, which has its own address', () => {
  const [first] = desired.balancers;
  if (!first) throw new Error('no balancer');
  const network = { ...first, kind: 'network' as const, dnsName: 'tls-1.eu-central-1.elb.amazonaws.com' };
  const names = [...desired.names, { name: 'turn.meet.example.org', target: network.dnsName }];
  const hosts = hostsFile(sampleState({ balancers: [first, network], names }));
  expect(hosts).toContain('203.0.113.2 meet.example.org\n');
  expect(hosts).toContain('203.0.113.3 turn.meet.example.org\n');
});

it('text with a line break is refused, because it could change the configuration', () => {
  const nasty = sampleState({ names: [{ name: 'x\n127.0.0.1 y', target: 'z' }] });
  expect(DesiredState.safeParse(nasty).success).toBe(false);
  expect(DesiredState.safeParse(desired).success).toBe(true);
});
