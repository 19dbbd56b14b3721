import { describe, expect, it } from 'vitest';
import { recordingKey } from '../contract/recording.js';
import { listed, selectRecording } from './recordings.js';

const key = (time: string, instanceId: string) =>
  recordingKey({ began: new Date(`2026-12-04T${time}Z`), room: '0123456789ab', instanceId });
const list = listed(
  [
    { key: key('09:00:00', 'i-0a'), bytes: 5 },
    { key: 'recordings/notes.txt', bytes: 1 },
  ],
  [
    { key: key('10:00:00', 'i-0b'), id: 'u', parts: [{ number: 1, etag: 'e', bytes: 7 }] },
    { key: key('11:00:00', 'i-0c'), id: 'v', parts: [] },
  ],
  new Set(['i-0c']),
);

describe('recordings', () => {
  it('are listed with the newest first, and with those whose recorder failed', () => {
    expect(list.map(({ instanceId, bytes, state }) => [instanceId, bytes, state])).toEqual([
      ['i-0c', 0, 'recording'],
      ['i-0b', 7, 'interrupted'],
      ['i-0a', 5, 'stored'],
    ]);
  });

  it.each([
    ['latest', 'i-0c'],
    ['i-0a', 'i-0a'],
    ['2026/12/04/100000', 'i-0b'],
  ])('"%s" is that of %s', (wanted, instanceId) => {
    expect(selectRecording(wanted, list).instanceId).toBe(instanceId);
  });

  it.each([
    ['2026/12', /is 3 recordings/],
    ['i-0d', /No recording is "i-0d"/],
  ])('"%s" is refused', (wanted, why) => {
    expect(() => selectRecording(wanted, list)).toThrow(why);
  });
});
