import { beforeAll, describe, expect, it } from 'vitest';
import { roomKey } from '../../../src/contract/room.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';
import type { Moderated } from './moderator.js';

const facts = sampleFacts();
const { domain } = facts.spec;

/** Rooms by their names, by their spellings in addresses, and their tenants. */
const VISITS = {
  'Buero, by WebSocket': { name: 'Buero', spelled: 'buero', way: 'websocket' },
  'Grösse Eins, by WebSocket': { name: 'Grösse Eins', spelled: 'gr%C3%B6sse+eins', way: 'websocket' },
  'Grösse Zwei, by BOSH': { name: 'Grösse Zwei', spelled: 'gr%C3%B6sse+zwei', way: 'bosh' },
  'Grösse Drei, by a client before March 2026': {
    name: 'Grösse Drei',
    spelled: 'gr%25c3%25b6sse%2520drei',
    way: 'websocket',
  },
  '100%, by WebSocket': { name: '100%', spelled: '100%25', way: 'websocket' },
  '会議, by WebSocket': { name: '会議', spelled: '%E4%BC%9A%E8%AD%B0', way: 'websocket' },
  'a tenant, by WebSocket': { name: 'Standup', spelled: 'standup', tenant: 'team', way: 'websocket' },
  'a tenant with a capital and a dot, by WebSocket': {
    name: 'Größe',
    spelled: 'gr%C3%B6%C3%9Fe',
    tenant: 'My.Team',
    way: 'websocket',
  },
} as const;

let seen: Record<string, Moderated>;
beforeAll(async () => {
  const visits = Object.fromEntries(
    Object.entries(VISITS).map(([title, { name, ...visit }]) => [
      title,
      { ...visit, domain, room: roomKey(name), token: null },
    ]),
  );
  seen = answersIn(
    await inShard(facts, { program: './test/integration/access/moderator.ts', plan: { visits } }),
  );
}, 300_000);

describe('the moderator of a meeting', () => {
  it.each(Object.keys(VISITS))('creates breakout rooms and ends it for all: %s', (title) => {
    expect(seen[title]).toEqual({ breakout: true, ended: true });
  });
});
