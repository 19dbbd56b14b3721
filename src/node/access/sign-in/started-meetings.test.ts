import { expect, it } from 'vitest';
import { keptForAMoment } from './started-meetings.js';

it('asks Prosody twice a second for each room, however many guests wait, and again after a failure', async () => {
  let now = 0;
  let fails = true;
  const asked: string[] = [];
  const hasStarted = keptForAMoment(
    async (room) => {
      asked.push(room);
      if (fails) throw new Error('no answer');
      return room === 'hall';
    },
    () => now,
  );
  await expect(hasStarted('hall')).rejects.toThrow('no answer');
  fails = false;
  for (; now < 2_000; now += 10) {
    expect(await hasStarted('hall')).toBe(true);
    expect(await hasStarted('other')).toBe(false);
  }
  expect(asked.filter((room) => room === 'hall')).toHaveLength(5);
  expect(asked.filter((room) => room === 'other')).toHaveLength(4);
});
