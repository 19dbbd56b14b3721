import { setTimeout as wait } from 'node:timers/promises';
import { serveAdmission } from '../access/serve.js';
import { readSpec, readSurroundings } from '../facts.js';
import { duty } from '../machine-spec.js';
import { instanceMetadata } from '../metadata.js';
import { daemons } from '../render/index.js';
import { collect } from './collect.js';
import { figures } from './figures.js';
import { type Health, health } from './health.js';
import { considerReplacement, NOTHING_BAD } from './replacement.js';
import { reportTo } from './report.js';
import { type State, serve } from './server.js';

const ROUND = 5_000;
/** CloudWatch keeps one value a minute at the standard price. */
const PUBLISH_EVERY = 60_000;

/** Looks, decides, tells; until it is ended. Nothing that fails in a round ends it. */
export async function runAgent(): Promise<never> {
  const spec = await readSpec();
  const { instanceId } = await readSurroundings(instanceMetadata());
  const report = reportTo(spec, instanceId);
  const running = daemons(spec);
  let state: State | undefined;
  let replacement = NOTHING_BAD;
  let publishAt = 0;
  if (spec.role === 'cell' && spec.access === 'members') await serveAdmission(spec);
  await serve(() => state);
  log(`looking after ${duty(spec)} on ${instanceId}`);

  for (;;) {
    const now = Date.now();
    const seen = await collect(spec.domain, running);
    const verdicts = health(seen);
    const values = figures(seen, verdicts);
    logChanges(state?.health, verdicts);
    state = { at: new Date(now).toISOString(), health: verdicts, figures: values, seen };

    const considered = considerReplacement(replacement, verdicts.machine, now);
    replacement = considered.state;
    if (considered.tell) {
      log(`asking Auto Scaling to replace this machine: ${verdicts.machine.reason}`);
      await report.wantReplacing().catch(failed('Auto Scaling was not told'));
    }
    if (now >= publishAt) {
      publishAt = now + PUBLISH_EVERY;
      await report.publish(values, new Date(now)).catch(failed('figures were not published'));
    }
    await wait(Math.max(0, ROUND - (Date.now() - now)));
  }
}

function logChanges(before: Health | undefined, after: Health): void {
  for (const question of ['edge', 'shard', 'machine'] as const) {
    if (before?.[question].healthy === after[question].healthy) continue;
    log(`${question} is ${after[question].healthy ? 'healthy' : 'unhealthy'}: ${after[question].reason}`);
  }
}

function failed(what: string): (error: unknown) => void {
  return (error) =>
    log(`${what}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
}

function log(line: string): void {
  process.stdout.write(`${line}\n`);
}
