import type { Machine } from '../../cloud/machines.js';
import { ConvokeError } from '../../contract/errors.js';

/** Target of a drill. */
export type DrillName = 'shard' | 'bridge' | 'zone' | 'drain';

export const DRILLS: readonly DrillName[] = ['shard', 'bridge', 'zone', 'drain'];

type Candidate = Pick<Machine, 'id' | 'role' | 'shard' | 'zone' | 'lifecycle' | 'target'>;

/** Whether a machine serves: in service in its group, and for a shard also healthy for the load balancer. */
export const serves = ({ role, lifecycle, target }: Candidate): boolean =>
  lifecycle === 'InService' && (role !== 'shard' || target === 'healthy');

/** Shards and bridges that serve. */
export function working<M extends Candidate>(machines: readonly M[]): { shards: M[]; bridges: M[] } {
  return {
    shards: machines.filter((machine) => machine.role === 'shard' && serves(machine)),
    bridges: machines.filter((machine) => machine.role === 'bridge' && serves(machine)),
  };
}

/**
 * The reason why a drill is impossible, or a warning for its user; undefined if there is neither. `solo`: the only shard has
 * the only co-located bridge, so every fault ends all meetings.
 */
export function objection(
  drill: DrillName,
  machines: readonly Candidate[],
): { stop: ConvokeError } | { warn: string } | undefined {
  const { shards, bridges } = working(machines);
  if (shards.length === 0) {
    return {
      stop: refusal(
        'NothingServes',
        'No shard is healthy, so there is nothing to test.',
        'Run "convoke status" to see what is wrong. Start the drill when the deployment is healthy.',
      ),
    };
  }
  const onBoard = !machines.some(({ role }) => role === 'bridge');
  if (onBoard && drill === 'drain') {
    return {
      stop: refusal(
        'NoBridges',
        'There is no group of bridges to drain, because the only bridge is co-located with the shard.',
        'Set "size: team" for separate bridges, then run "convoke up".',
      ),
    };
  }
  if (onBoard) {
    return {
      warn: 'There is only one machine: all meetings are cut off, and no meeting works until it is replaced.',
    };
  }
  if ((drill === 'bridge' || drill === 'drain') && bridges.length < 2) {
    return {
      stop: refusal(
        'NoSecondBridge',
        `${bridges.length === 1 ? 'Only one bridge is' : 'No bridge is'} in service, so its calls could not move to another one.`,
        'Set bridges.min to 2 or more and run "convoke up", or wait until a second one is in service.',
      ),
    };
  }
  if (drill === 'shard' && shards.length === 1) {
    return {
      warn: 'Only one shard is healthy: its meetings are cut off, and no meeting works until it is replaced.',
    };
  }
  if (drill === 'zone') {
    const zones = new Set([...shards, ...bridges].map(({ zone }) => zone));
    if (zones.size < 2)
      return { warn: 'All machines are in one availability zone: all meetings are cut off.' };
  }
  return undefined;
}

/** The zone with the largest effect: the one with a shard and the most machines. */
export function zoneToFail(machines: readonly Candidate[]): string {
  const { shards, bridges } = working(machines);
  const count = (zone: string) => [...shards, ...bridges].filter((machine) => machine.zone === zone).length;
  const zones = [...new Set(shards.map(({ zone }) => zone))].sort();
  return zones.reduce((most, zone) => (count(zone) > count(most) ? zone : most), zones[0] ?? '');
}

function refusal(name: string, what: string, now: string): ConvokeError {
  return new ConvokeError(name, { what, now, fault: 'user' });
}
