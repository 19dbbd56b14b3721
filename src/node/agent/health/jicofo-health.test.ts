import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { conferences } from '../../access/conferences.js';
import { isAlive, jicofoHealth } from './jicofo-health.js';

const NOW = 1_000_000;

describe('isAlive', () => {
  it.each([
    ['answers', 0, 60_000, true],
    ['refuses', 1, 0, false],
    ['silent', 0, 0, false],
    ['silent', 1, 16_000, true],
    ['silent', 1, 17_000, false],
  ] as const)(
    'of Jicofo that %s, with %i requests and its last answer %i ms ago, is %s',
    (probe, waiting, ago, alive) => {
      expect(isAlive(probe, { waiting, answeredAt: NOW - ago }, NOW)).toBe(alive);
    },
  );
});

describe('jicofoHealth', () => {
  const listening = async (server: Server): Promise<string> => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const rules = { atOnce: 1, queue: 1, patience: 100, limit: 3_000 };

  it('distinguishes a busy Jicofo from one that hangs or is down', async () => {
    // Accepts connections and never answers.
    const server = createServer((socket) => socket.on('error', () => {}).resume());
    const base = await listening(server);
    const opening = conferences(rules, base);
    const alive = jicofoHealth(opening, base);
    expect(await alive()).toBe(false);
    const asked = opening.open('a@muc', {}, 'one');
    expect(await alive()).toBe(true);
    server.close();
    expect(await alive()).toBe(false);
    expect(await asked).toBe('failed');
  });
});
