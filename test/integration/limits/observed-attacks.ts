import { sampleFacts } from '../../sample-facts.js';
import { inShard, type ShardTest } from '../shard.js';
import type { Observation } from './observe.js';

interface Options extends Pick<ShardTest, 'before'> {
  /** Names of attacks in `attacks.ts`. */
  readonly attacks: readonly string[];
  /** Duration of each. */
  readonly seconds: number;
  /** Participants who join during each. */
  readonly newcomers: number;
}

/** Runs attacks against a shard, one after the other, and returns what participants noticed. Throws if one is missing. */
export async function observedAttacks({ before, ...plan }: Options): Promise<Map<string, Observation>> {
  const output = await inShard(sampleFacts(), {
    program: './test/integration/limits/observe.ts',
    programs: { attacks: './test/integration/limits/attacks.ts' },
    plan,
    ...(before !== undefined && { before }),
  });
  const lines = [...output.matchAll(/^OBSERVED (.*)$/gm)];
  const observed = new Map(lines.map(([, line = '']) => JSON.parse(line) as [string, Observation]));
  console.info([...observed].map(([name, seen]) => `${name}: ${JSON.stringify(seen)}`).join('\n'));
  if (observed.size < plan.attacks.length) throw new Error(output);
  return observed;
}
