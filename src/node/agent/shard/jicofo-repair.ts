import { writeFile } from 'node:fs/promises';
import { RESTART_JICOFO_FLAG } from '../../../contract/machine-layout.js';
import { log, sentence } from '../log.js';

/**
 * After its connection to Prosody broke, Jicofo may be logged in again but not join the brewery (jitsi/jicofo #1297): it
 * knows no bridges, and nothing but a restart changes that. No meeting is lost by the restart, since none works without a
 * bridge.
 */

/**
 * Milliseconds for which Jicofo must know no bridge while some are in the brewery. Jicofo knows a bridge once it has
 * received its statistics, which bridges send every 5 s.
 */
const CONFIRM_AFTER = 10_000;

export interface RepairState {
  /** Since when Jicofo has known no bridge while some were in the brewery, in milliseconds since the epoch. */
  readonly since: number | undefined;
  /** Whether Jicofo was restarted and has known no bridge since. A second restart would not help. */
  readonly restarted: boolean;
}

export const NOTHING_TO_REPAIR: RepairState = { since: undefined, restarted: false };

export interface BridgeCounts {
  /** Number of bridges that Jicofo knows; undefined if it does not answer. */
  readonly known: number | undefined;
  /** Number of bridges in the brewery; undefined if Prosody does not answer, or was not asked. */
  readonly inBrewery: number | undefined;
}

/** Whether to restart Jicofo now. */
export function nextRepairState(
  state: RepairState,
  { known, inBrewery }: BridgeCounts,
  now: number,
): { readonly state: RepairState; readonly restart: boolean } {
  if (known !== undefined && known > 0) return { state: NOTHING_TO_REPAIR, restart: false };
  if (known === undefined || inBrewery === undefined) return { state, restart: false };
  if (inBrewery === 0) return { state: { ...state, since: undefined }, restart: false };
  const since = state.since ?? now;
  const restart = !state.restarted && now - since >= CONFIRM_AFTER;
  return { state: { since, restarted: state.restarted || restart }, restart };
}

/** What the repair needs of a shard. */
export interface Repair {
  /** Number of bridges in the brewery. Asked only while Jicofo knows none. */
  readonly inBrewery: () => Promise<number | undefined>;
  readonly restart: () => Promise<void>;
  /** Reports the restart, for an alert. */
  readonly report: () => Promise<void>;
}

/** Takes the number of bridges that Jicofo knows at each check, and restarts Jicofo when necessary. */
export function jicofoRepair(repair: Repair): (known: number | undefined, now: number) => Promise<void> {
  let state = NOTHING_TO_REPAIR;
  return async (known, now) => {
    const inBrewery = known === 0 ? await repair.inBrewery() : undefined;
    const next = nextRepairState(state, { known, inBrewery }, now);
    state = next.state;
    if (!next.restart) return;
    log.error(`restarting Jicofo: it knows no bridge, but ${inBrewery} are logged in at Prosody`);
    await repair.restart();
    await repair
      .report()
      .catch((error: unknown) => log.error(`the restart could not be reported: ${sentence(error)}`));
  };
}

/** Has root restart Jicofo: the agent may not, and a path unit watches the flag. */
export const requestRestart = (): Promise<void> => writeFile(RESTART_JICOFO_FLAG, '');
