import type { Architecture, Bridges } from './deployment.js';
import type { Remark } from './remark.js';
import type { ConvokeFile } from './schema.js';

/** Default instance type of a shard by architecture: 2 vCPU and 4 GiB. */
export const DEFAULT_SHARD_TYPE: Readonly<Record<Architecture, string>> = {
  arm64: 't4g.medium',
  amd64: 't3.medium',
};

/** Default number of bridges by size. At least two, so that one may fail. */
const DEFAULTS = { team: { min: 2, max: 6 }, fleet: { min: 2, max: 20 } } as const;

/** 2 vCPU and 4 GiB, not burstable, because the load of a bridge is continuous. */
const DEFAULT_BRIDGE_TYPE: Readonly<Record<Architecture, string>> = {
  arm64: 'c7g.large',
  amd64: 'c7i.large',
};

/** The previous generation, for regions without the default type, according to cfn-lint 1.58.0. */
const OLDER_BRIDGE_TYPE: Readonly<
  Record<Architecture, { readonly type: string; readonly regions: readonly string[] }>
> = {
  arm64: { type: 'c6g.large', regions: ['ap-southeast-4', 'me-central-1'] },
  amd64: { type: 'c6i.large', regions: ['me-south-1'] },
};

/** The default instance type of bridges in a region. */
export function defaultBridgeType(architecture: Architecture, region: string): string {
  const older = OLDER_BRIDGE_TYPE[architecture];
  return older.regions.includes(region) ? older.type : DEFAULT_BRIDGE_TYPE[architecture];
}

/** The settings that decide the number of machines. */
export type SizeSettings = Pick<ConvokeFile, 'size' | 'shards' | 'bridges' | 'region'>;

/** Number of shards. */
export function shards(file: SizeSettings): number {
  if (file.size === 'fleet') return file.shards ?? 2;
  return file.size === 'team' ? 2 : 1;
}

/** The group of bridges; undefined if the bridge is co-located. */
export function bridges(file: SizeSettings, architecture: Architecture): Bridges | undefined {
  const { size } = file;
  if (size !== 'team' && size !== 'fleet') return undefined;
  const wanted = file.bridges ?? {};
  const min = wanted.min ?? Math.min(DEFAULTS[size].min, wanted.max ?? Number.POSITIVE_INFINITY);
  return {
    min,
    max: wanted.max ?? Math.max(DEFAULTS[size].max, min),
    types: wanted.types ?? [defaultBridgeType(architecture, file.region)],
    spot: wanted.spot ?? 0,
    schedule: (wanted.schedule ?? []).map((time) => ({ ...time, days: time.days.toUpperCase() })),
    timezone: wanted.timezone ?? 'UTC',
  };
}

/** Finds size settings that are valid alone but not together. */
export function sizeContradictions(file: SizeSettings): Remark[] {
  const found: Remark[] = [];
  const size = file.size ?? 'solo';
  if (file.shards !== undefined && size !== 'fleet') {
    found.push({
      keys: ['shards'],
      message: `shards is for size fleet; size ${size} has ${shards(file)}.`,
    });
  }
  if (file.bridges && size === 'solo') {
    found.push({
      keys: ['bridges'],
      message:
        'bridges is for size team and fleet; at size solo the only bridge is co-located with the shard.',
    });
    return found;
  }
  const pool = bridges(file, 'arm64');
  if (!pool) return found;
  if (pool.min > pool.max) {
    found.push({
      keys: ['bridges', file.bridges?.min === undefined ? 'max' : 'min'],
      message: `bridges.min ${pool.min} is more than bridges.max ${pool.max}.`,
    });
  }
  pool.types.forEach((type, index) => {
    if (pool.types.indexOf(type) === index) return;
    found.push({
      keys: ['bridges', 'types', String(index)],
      message: `bridges.types has ${type} twice; remove one.`,
    });
  });
  pool.schedule.forEach((time, index) => {
    const keys = ['bridges', 'schedule', String(index)];
    if (time.min > pool.max) {
      found.push({
        keys: [...keys, 'min'],
        message: `bridges.schedule requires at least ${time.min} bridges, but bridges.max is ${pool.max}.`,
      });
    }
    if (time.from >= time.until) {
      found.push({
        keys: [...keys, 'until'],
        message: `bridges.schedule ends at ${time.until}, which is not after its start at ${time.from}; use two entries for a time over midnight.`,
      });
    }
  });
  return found;
}

/** Warnings about valid size settings. */
export function sizeWarnings(file: SizeSettings): Remark[] {
  const pool = bridges(file, 'arm64');
  if (!pool) return [];
  const found: Remark[] = [];
  const min = ['bridges', file.bridges?.min === undefined ? 'max' : 'min'];
  if (pool.spot === 100 && pool.min === 1) {
    found.push({
      keys: min,
      message:
        'bridges: all of them are spot instances and the minimum is one, so AWS may end every meeting at two minutes’ notice. Set min to 2, or spot to 50.',
    });
  } else if (pool.min === 1) {
    found.push({
      keys: min,
      message:
        'bridges.min is 1: if that bridge fails, calls are interrupted until another one has started. With 2, they continue.',
    });
  }
  if (pool.spot > 0 && pool.types.length === 1) {
    found.push({
      keys: ['bridges', 'spot'],
      message: `bridges.spot is ${pool.spot} and there is only one type: with several types, spot instances are easier to get and reclaimed less often.`,
    });
  }
  if (file.bridges?.timezone !== undefined && pool.schedule.length === 0) {
    found.push({
      keys: ['bridges', 'timezone'],
      message: 'bridges.timezone has no effect without bridges.schedule.',
    });
  }
  pool.schedule.forEach((time, index) => {
    if (time.min > pool.min) return;
    found.push({
      keys: ['bridges', 'schedule', String(index), 'min'],
      message: `bridges.schedule requires at least ${time.min} bridges, but bridges.min is ${pool.min}: this entry has no effect.`,
    });
  });
  return found;
}
