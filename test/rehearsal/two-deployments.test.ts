import { afterAll, expect, it } from 'vitest';
import { Desk, leftOnThisMachine, SOLO } from '../desk.js';

const desk = new Desk();
afterAll(async () => {
  await desk.convoke(['--cloud', 'rehearsal', 'down', '--now']);
  desk.remove();
});

it('down of one deployment keeps the rehearsal while it has another', async () => {
  const rehearsed = await desk.convoke(['rehearse', '--control-plane-only', '--keep', '--ports', desk.ports]);
  expect(rehearsed.exitCode, rehearsed.stderr).toBe(0);
  desk.write('other.yaml', SOLO.replace('meet.', 'other.'));

  const other = await desk.convoke(['--cloud', 'rehearsal', '-c', 'other.yaml', 'down', '--now']);
  expect(other.exitCode, other.stderr).toBe(0);
  expect(other.stderr).toContain('The rehearsal goes on, because it also has meet-example-org.');
  const status = await desk.convoke(['--cloud', 'rehearsal', 'status', '--json']);
  expect(JSON.parse(status.stdout)).toMatchObject({ stack: 'CREATE_COMPLETE' });

  const down = await desk.convoke(['--cloud', 'rehearsal', 'down', '--now']);
  expect(down.exitCode, down.stderr).toBe(0);
  expect(leftOnThisMachine()).toEqual([]);
});
