import { expect, it } from 'vitest';
import { parseRecordingKey, recordingKey, roomHash, roomInKey } from './recording.js';

const began = new Date('2026-12-04T09:30:05.250Z');

it('keys of recordings are ordered by time and can be read back', () => {
  const recording = { began, room: roomHash('Standup'), instanceId: 'i-0abc' };
  const key = recordingKey(recording);
  expect(key).toMatch(/^recordings\/2026\/12\/04\/093005-[0-9a-f]{12}-i-0abc\.mp4$/);
  expect(parseRecordingKey(key)).toEqual({ ...recording, began: new Date('2026-12-04T09:30:05Z') });
  expect(parseRecordingKey(recordingKey({ ...recording, name: 'Caf-1' }))?.name).toBe('Caf-1');
});

it.each(['recordings/notes.txt', 'recordings/2026/13/40/250000-0123456789ab-i-0.mp4', ''])(
  'an object "%s" is no recording',
  (key) => {
    expect(parseRecordingKey(key)).toBeUndefined();
  },
);

it('spellings of a room have one hash, and names become harmless in keys', () => {
  expect(roomHash('Caf%C3%A9')).toBe(roomHash('café'));
  expect(roomInKey('../Café%201/%')).toBe('-Café-201-');
  expect(roomInKey('caf%C3%A9 1')).toBe('café-1');
});
