import { describe, expect, it } from 'vitest';
import { type BrowserParticipant, problems } from './verdict.js';

const camera = (id: string) => ({
  id,
  framesDecoded: 100,
  packetsReceived: 100,
  packetsLost: 0,
  screen: false,
  rate: 20,
});

const happy = (name: string, others: number, more: Partial<BrowserParticipant> = {}): BrowserParticipant => ({
  name,
  joined: 1,
  firstFrame: 2,
  videos: Array.from({ length: others }, (_, index) => camera(String(index))),
  heard: others,
  speaking: others,
  loss: 0,
  dataChannel: true,
  shard: 'a',
  bridges: ['192.0.2.1'],
  screen: true,
  message: true,
  ...more,
});

describe('a meeting', () => {
  it('has no problems if all participants receive each other, the screen and the message', () => {
    const sharer = happy('Ada', 2, { screen: undefined, message: undefined });
    expect(problems([sharer, happy('Ben', 2), happy('Eve', 2)])).toEqual([]);
  });

  it('has a problem for each participant and what they do not receive', () => {
    const found = problems([
      happy('Ada', 2, { videos: [camera('1'), { ...camera('2'), screen: true }] }),
      happy('Ben', 2, { heard: 1, screen: false }),
      happy('Eve', 2, { message: false }),
    ]);
    expect(found).toEqual([
      'Ada decodes 1 of 2 videos.',
      'Ben hears 1 of 2.',
      'Ben does not see the shared screen.',
      'Eve did not get the chat message.',
    ]);
  });

  it('with many participants has no problems if some are heard, because a bridge forwards only the loudest', () => {
    const six = Array.from({ length: 6 }, (_, index) => happy(String(index), 5, { heard: 2 }));
    expect(problems(six)).toEqual([]);
    expect(problems([...six.slice(1), happy('deaf', 5, { heard: 0 })])).toEqual(['deaf hears 0 of 5.']);
  });

  it('has no problems if all participants with a microphone are heard', () => {
    const speaker = happy('Ada', 3, { speaking: 0, heard: 0 });
    const listener = happy('Ben', 3, { speaking: 1, heard: 1 });
    expect(problems([speaker, listener, listener, { ...listener, name: 'Eve', heard: 0 }])).toEqual([
      'Eve hears 0 of 1.',
    ]);
  });

  it('has a problem if its room is on two shards', () => {
    expect(problems([happy('Ada', 1), happy('Ben', 1, { shard: 'b' })])).toEqual([
      'The room is split over the shards a and b.',
    ]);
  });
});
