import { readSpec, readSurroundings } from '../facts.js';
import { duty } from '../machine-spec.js';
import { instanceMetadata } from '../metadata.js';
import { runBridge } from './bridge.js';
import { runCell } from './cell.js';
import { log } from './journal.js';
import { reportTo } from './report.js';

/** Looks, decides, tells; until it is ended. */
export async function runAgent(): Promise<never> {
  const spec = await readSpec();
  const surroundings = await readSurroundings(instanceMetadata());
  const report = reportTo(spec, surroundings.instanceId);
  log(`looking after ${duty(spec)} on ${surroundings.instanceId}`);
  return spec.role === 'cell' ? runCell(spec, surroundings, report) : runBridge(spec, surroundings, report);
}
