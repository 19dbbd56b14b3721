import { down } from '../../operations/down/down.js';
import { preview } from '../../operations/preview.js';
import { up } from '../../operations/up.js';
import type { ScenarioContext, ScenarioLog } from './context.js';

/** The first part of every scenario: deploy, and deploy again without changes. */
export async function runUp(context: ScenarioContext, record: ScenarioLog): Promise<void> {
  const { account, deployment, onProgress, signal } = context;
  await record.step('preview', 'Preview what would be created', async (note) => {
    note(`${(await preview(deployment, account)).changes.length} resources`);
  });
  await record.step('up', context.machines ? 'Deploy, and join a meeting' : 'Deploy', async (note) => {
    const result = await up({ account, deployment, onProgress, signal, join: context.machines });
    record.probes.push(...result.probes);
    if (result.browsers) record.browsers.push(result.browsers);
    const seen =
      result.firstFrame === undefined ? '' : `, first picture after ${result.firstFrame.toFixed(1)} s`;
    const shards = result.probes.map(({ shard }) => shard || '–').join(', ');
    note(shards ? `joined ${result.url} on shard ${shards}${seen}` : result.url);
  });
  await record.step('again', 'Deploy again: nothing changes', async () => {
    const result = await up({ account, deployment, onProgress, signal, join: false });
    if (result.changed) throw new Error('the second deployment changed something');
  });
}

/** The last part of every scenario, also of a failed one: deletes everything and reports what is left. */
export async function runDown(context: ScenarioContext, record: ScenarioLog): Promise<void> {
  const { account, deployment, onProgress, signal } = context;
  await record.step('down', 'Delete everything, and check that nothing is left', async (note) => {
    // The rehearsal's cloud ends, and its recordings with it.
    const { swept } = await down({
      account,
      deployment,
      onProgress,
      signal,
      when: 'now',
      recordings: 'delete',
    });
    note(`${swept.length} kinds of things looked for, nothing left`);
  });
}
