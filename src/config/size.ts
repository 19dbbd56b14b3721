import type { Architecture, Bridges } from './deployment.js';
import type { Remark } from './remark.js';
import type { ConvokeFile } from './schema.js';

/** Instance type of a shard by architecture: 2 vCPU and 4 GiB each. */
export const DEFAULT_SHARD_TYPE: Readonly<Record<Architecture, string>> = {
  arm64: 't4g.medium',
  amd64: 't3.medium',
};

/** Bridges at each size that has a group of them. Two at the least, so that one may fail. */
const DEFAULTS = { team: { min: 2, max: 6 }, fleet: { min: 2, max: 20 } } as const;

/** 2 vCPU, 4 GiB, and steady processor time: a bridge works all the while that people talk. */
const DEFAULT_BRIDGE_TYPE: Readonly<Record<Architecture, string>> = {
  arm64: 'c7g.large',
  amd64: 'c7i.large',
};

/** The generation before, for regions that do not have that one, by what cfn-lint 1.58.0 lists for each region. */
const OLDER_BRIDGE_TYPE: Readonly<
  Record<Architecture, { readonly type: string; readonly regions: readonly string[] }>
> = {
  arm64: { type: 'c6g.large', regions: ['ap-southeast-4', 'me-central-1'] },
  amd64: { type: 'c6i.large', regions: ['me-south-1'] },
};

/** The instance type of bridges in a region, where the file names none. */
export function defaultBridgeType(architecture: Architecture, region: string): string {
  const older = OLDER_BRIDGE_TYPE[architecture];
  return older.regions.includes(region) ? older.type : DEFAULT_BRIDGE_TYPE[architecture];
}

/** The settings of a file that decide how many machines there are. */
export type SizeSettings = Pick<ConvokeFile, 'size' | 'shards' | 'bridges' | 'region'>;

/** How many shards a file asks for. */
export function shards(file: SizeSettings): number {
  if (file.size === 'fleet') return file.shards ?? 2;
  return file.size === 'team' ? 2 : 1;
}

/** The group of bridges that a file asks for; undefined where the bridge is on board. */
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

/** What the settings of size allow by themselves but not together. */
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
      message: 'bridges is for size team and fleet; at size solo the one bridge is on board of the shard.',
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
      message: `bridges.types names ${type} twice; keep one.`,
    });
  });
  pool.schedule.forEach((time, index) => {
    const keys = ['bridges', 'schedule', String(index)];
    if (time.min > pool.max) {
      found.push({
        keys: [...keys, 'min'],
        message: `bridges.schedule wants at least ${time.min} bridges, but bridges.max is ${pool.max}.`,
      });
    }
    if (time.from >= time.until) {
      found.push({
        keys: [...keys, 'until'],
        message: `bridges.schedule ends at ${time.until}, which is not after it begins at ${time.from}; make two entries of a night.`,
      });
    }
  });
  return found;
}

/** What a file may say but a person should know. */
export function sizeWarnings(file: SizeSettings): Remark[] {
  const pool = bridges(file, 'arm64');
  if (!pool) return [];
  const found: Remark[] = [];
  const min = ['bridges', file.bridges?.min === undefined ? 'max' : 'min'];
  if (pool.spot === 100 && pool.min === 1) {
    found.push({
      keys: min,
      message:
        'bridges: all of them are spot machines and only one runs at the least, so AWS may end every meeting at two minutes’ notice. Set min to 2, or spot to 50.',
    });
  } else if (pool.min === 1) {
    found.push({
      keys: min,
      message:
        'bridges.min is 1: when that bridge fails, calls wait until another has started. With 2 they go on.',
    });
  }
  if (pool.spot > 0 && pool.types.length === 1) {
    found.push({
      keys: ['bridges', 'spot'],
      message: `bridges.spot is ${pool.spot} and there is only one type: AWS gives, and leaves, spot machines more readily where several types will do.`,
    });
  }
  pool.schedule.forEach((time, index) => {
    if (time.min > pool.min) return;
    found.push({
      keys: ['bridges', 'schedule', String(index), 'min'],
      message: `bridges.schedule wants at least ${time.min} bridges, but ${pool.min} run at any time: this entry changes nothing.`,
    });
  });
  return found;
}
