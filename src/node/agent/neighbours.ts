import type { Neighbour, Neighbourhood } from '../facts.js';
import type { MachineSpec } from '../machine-spec.js';
import type { Discover } from '../neighbours/discover.js';
import { withoutSilentNewcomers } from '../neighbours/newcomers.js';
import { type Pace, pause, someMissing } from '../neighbours/pace.js';
import { savedNeighbours, saveNeighbours } from '../neighbours/saved.js';
import { PORTS } from '../ports.js';
import { WEB_HEALTH_PATH } from '../render/haproxy.js';
import { every } from './every.js';
import { log } from './journal.js';
import { get } from './rest.js';

export interface Neighbours {
  /**
   * Who was there when EC2 last told; undefined while it has not. An answer that does not come changes nothing. To a cell,
   * another cell is there once its web server answers.
   */
  known(): readonly Neighbour[] | undefined;
  /** Keeps asking. */
  watch(): Promise<never>;
}

export async function neighbours(spec: MachineSpec, discover: Discover): Promise<Neighbours> {
  // An agent that was restarted goes on with what it knew.
  let found: Neighbourhood | undefined = await savedNeighbours().catch(() => undefined);
  let pace: Pace = { changedAt: Date.now(), failures: 0 };

  async function ask(): Promise<void> {
    let now: Neighbourhood;
    try {
      now = await discover();
      if (spec.role === 'cell') now = await withoutSilentNewcomers(now, found?.others, answers);
    } catch (error) {
      pace = { ...pace, failures: pace.failures + 1 };
      throw error;
    }
    pace = { ...pace, failures: 0 };
    if (JSON.stringify(now) === JSON.stringify(found)) return;
    await saveNeighbours(now);
    logChange(found?.others ?? [], now.others);
    found = now;
    pace = { ...pace, changedAt: Date.now() };
  }

  const known = () => found?.others;
  const period = () => pause(pace, someMissing(spec, known()), Date.now(), Math.random());
  return { known, watch: () => every(period, 'EC2 does not tell who is there', ask) };
}

/** Its web server comes first. That its edge must soon hear which room is where is why nothing more is waited for. */
const answers = async ({ privateAddress }: Neighbour): Promise<boolean> =>
  (await get(`http://${privateAddress}:${PORTS.web}${WEB_HEALTH_PATH}`))?.ok === true;

function logChange(before: readonly Neighbour[], now: readonly Neighbour[]): void {
  const without = (all: readonly Neighbour[], others: readonly Neighbour[]) =>
    all.filter(({ instanceId }) => !others.some((other) => other.instanceId === instanceId));
  for (const other of without(now, before)) log(`${name(other)} is there, at ${other.privateAddress}`);
  for (const other of without(before, now)) log(`${name(other)} is gone`);
}

export const name = (other: Neighbour): string =>
  other.role === 'cell' ? `cell ${other.cell} (${other.instanceId})` : `bridge ${other.instanceId}`;
