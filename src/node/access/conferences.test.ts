import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Conferences, conferences } from './conferences.js';

const RULES = { atOnce: 1, queue: 2, patience: 200, limit: 5_000 };
const OPENED = { ready: true, focusJid: 'focus@auth.meet.example.org/focus', properties: { a: 'b' } };

/** A Jicofo that responds to a request when the test decides. */
let server: Server;
let pending: { room: string; type: string | undefined; answer(status: number, body: unknown): void }[];
let opening: Conferences;
let base: string;

beforeEach(async () => {
  pending = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    pending.push({
      room: JSON.parse(body).room,
      type: request.headers['content-type'],
      answer: (status, value) => response.writeHead(status).end(JSON.stringify(value)),
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  opening = conferences(RULES, base);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const arrived = (count: number) => vi.waitUntil(() => pending.length === count, { interval: 5 });

describe('requests for conferences', () => {
  it('are merged per room, and an opened room counts as open for a while', async () => {
    const both = [opening.open('a@muc', {}, 'one'), opening.open('a@muc', {}, 'one')];
    await arrived(1);
    expect(pending[0]).toMatchObject({ room: 'a@muc', type: 'application/json; charset=utf-8' });
    pending[0]?.answer(200, { ...OPENED, vnode: 'elsewhere' });
    expect(await Promise.all(both)).toEqual([OPENED, OPENED]);
    expect(opening.isOpen('a@muc')).toBe(true);
    expect(opening.isOpen('b@muc')).toBe(false);
  });

  it('wait for a free slot, and are refused if too many wait or for too long', async () => {
    const first = opening.open('a@muc', {}, 'one');
    await arrived(1);
    const [second, third, fourth] = ['b', 'c', 'd'].map((room) => opening.open(`${room}@muc`, {}, 'one'));
    expect(await fourth).toBe('busy');
    expect(opening.load.waiting).toBe(1);
    pending[0]?.answer(200, OPENED);
    expect(await first).toEqual(OPENED);
    await arrived(2);
    expect(pending[1]?.room).toBe('b@muc');
    expect(await third).toBe('busy');
    pending[1]?.answer(200, OPENED);
    expect(await second).toEqual(OPENED);
    expect(opening.load.waiting).toBe(0);
  });

  it('of one network do not delay those of another', async () => {
    const patient = conferences({ ...RULES, queue: 10, patience: 60_000 }, base);
    const asked = ['a', 'b', 'c', 'd'].map((room) => patient.open(`${room}@muc`, {}, 'one'));
    asked.push(patient.open('e@muc', {}, 'other'));
    for (let n = 0; n < asked.length; n++) {
      await arrived(n + 1);
      pending[n]?.answer(200, OPENED);
    }
    expect(pending.map(({ room }) => room[0]).join('')).toBe('abecd');
    expect(await Promise.all(asked)).toEqual(Array(5).fill(OPENED));
  });

  it.each([
    ['refuses', 400, 'Bad request'],
    ['says something else', 200, { ready: 'yes' }],
  ])('fail if Jicofo %s', async (_, status, body) => {
    const asked = opening.open('a@muc', {}, 'one');
    await arrived(1);
    pending[0]?.answer(status, body);
    expect(await asked).toBe('failed');
    expect(opening.isOpen('a@muc')).toBe(false);
  });
});
