import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import waitFor from 'p-wait-for';
import { describe, expect, it } from 'vitest';
import { conferences } from '../../access/conferences.js';
import { isAlive, jicofoHealth } from './jicofo-health.js';

const NOW = 1_000_000;

describe('isAlive', () => {
  it.each([
    ['answers', 0, 60_000, true],
    ['refuses', 1, 0, false],
    ['silent', 0, 2_000, true],
    ['silent', 0, 3_000, false],
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
    let later = 0;
    const alive = jicofoHealth(opening, { base, now: () => Date.now() + later });
    expect(await alive()).toBe(true);
    later = 4_000;
    expect(await alive()).toBe(false);
    const asked = opening.open('a@muc', {}, 'one');
    expect(await alive()).toBe(true);
    server.close();
    // The connection of the probe that is on its way is still open.
    await waitFor(async () => !(await alive()));
    expect(await asked).toBe('failed');
  });

  it('answers at once about a Jicofo that is slow, and probes it once at a time', async () => {
    let connections = 0;
    const server = createHttpServer((_, response) => {
      connections++;
      setTimeout(() => response.end('{}'), 700);
    });
    const base = await listening(server);
    const alive = jicofoHealth(conferences(rules, base), { base });
    const began = performance.now();
    expect(await Promise.all([alive(), alive(), alive()])).toEqual([true, true, true]);
    expect(performance.now() - began).toBeLessThan(600);
    expect(connections).toBe(1);
    server.close();
  });
});
