import { beforeEach, describe, expect, it } from 'vitest';
import { signToken } from '../../contract/tokens.js';
import { conferenceAdmission } from './conference-admission.js';
import type { Conferences, Outcome } from './conferences.js';

const DOMAIN = 'meet.example.org';
const KEY = 'the key';
const NOW = new Date('2026-11-24T10:00:00Z');
const BREAKOUT = `f81d4fae-7dec-41d0-a765-00a0c91e6bf6@breakout.${DOMAIN}`;

const token = (room = 'my%20room', needsHost = false) =>
  signToken({ domain: DOMAIN, room, id: 'a', moderator: false, needsHost }, KEY, {
    now: NOW,
    expires: new Date(NOW.getTime() + 60_000),
  });

/** A Jicofo that opens every conference, and records for how long. */
class Jicofo implements Conferences {
  readonly opened: string[] = [];
  readonly load = { waiting: 0, answeredAt: 0 };
  outcome: Outcome = { ready: true, focusJid: `focus@auth.${DOMAIN}/focus`, properties: {} };

  async open(address: string): Promise<Outcome> {
    this.opened.push(address);
    return this.outcome;
  }

  isOpen(address: string): boolean {
    return this.opened.includes(address);
  }
}

let focus: Jicofo;
let asked: string[];
let started: string[];
beforeEach(() => {
  focus = new Jicofo();
  asked = [];
  started = [];
});

const admission = (key: string | undefined) =>
  conferenceAdmission({
    domain: DOMAIN,
    key,
    conferences: focus,
    isBreakoutRoom: async (breakout, meeting) => {
      asked.push(meeting);
      return breakout === BREAKOUT && ['my%20room', '[team]room'].includes(meeting);
    },
    hasStarted: async (room) => started.includes(room),
    hostPatience: 600,
  });

const about = (room: string, changes: object = {}) => ({
  url: '/conference-request/v1?room=my%2520room',
  tenant: '',
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify({ room })),
  network: '198.51.100.7',
  authorization: undefined as string | undefined,
  ...changes,
});
const MINE = `my%20room@conference.${DOMAIN}`;

describe('a conference request in a deployment for members', () => {
  it('is answered for the room of the token', async () => {
    const ask = admission(KEY);
    const reply = await ask(about(MINE, { authorization: `Bearer ${await token()}` }), NOW);
    expect(reply).toEqual({
      status: 200,
      body: { room: MINE, ready: true, focusJid: `focus@auth.${DOMAIN}/focus`, properties: {} },
    });
    expect(focus.opened).toEqual([MINE]);
  });

  it.each([undefined, '', 'Bearer', 'Basic eA==', 'Bearer x.y.z'])(
    'is refused with %j',
    async (authorization) => {
      const reply = await admission(KEY)(about(MINE, { authorization }), NOW);
      expect(reply).toMatchObject({ status: 403, body: { error: 'not-allowed' } });
      expect(focus.opened).toEqual([]);
    },
  );

  it('of a recorder is answered without a token, and opens nothing', async () => {
    const reply = await admission(KEY)(about(MINE, { recorder: true }), NOW);
    expect(reply).toMatchObject({ status: 200, body: { room: MINE, ready: true } });
    expect(focus.opened).toEqual([]);
  });

  it('is refused for another room than that of the token', async () => {
    const ask = admission(KEY);
    const authorization = `Bearer ${await token('other')}`;
    expect(await ask(about(MINE, { authorization }), NOW)).toMatchObject({ status: 403 });
    expect(await ask(about(BREAKOUT, { authorization }), NOW)).toMatchObject({ status: 403 });
    expect(asked).toEqual([]);
    expect(focus.opened).toEqual([]);
  });

  it('is answered for breakout rooms of the token’s meeting', async () => {
    const ask = admission(KEY);
    const authorization = `Bearer ${await token()}`;
    expect(await ask(about(BREAKOUT, { authorization }), NOW)).toMatchObject({ status: 200 });
    const unknown = BREAKOUT.replace('f81', 'f82');
    expect(await ask(about(unknown, { authorization }), NOW)).toMatchObject({ status: 404 });
    expect(focus.opened).toEqual([BREAKOUT]);
  });

  it('is refused if one link is used too often, in any encoding', async () => {
    const ask = admission(KEY);
    const valid = await token();
    const statuses = [];
    for (let n = 0; n < 102; n++) {
      const authorization = `${n % 2 ? 'Bearer' : 'bearer'} ${valid}`;
      statuses.push((await ask(about(MINE, { authorization, network: `192.0.2.${n}` }), NOW)).status);
    }
    expect(statuses.slice(0, 100)).toEqual(Array(100).fill(200));
    expect(statuses.slice(100)).toEqual([429, 429]);
  });
});

describe('a conference request in an open deployment', () => {
  it('is answered for any room, and for breakout rooms of the meeting in the query', async () => {
    const ask = admission(undefined);
    expect(await ask(about(MINE), NOW)).toMatchObject({ status: 200 });
    expect(await ask(about(BREAKOUT), NOW)).toMatchObject({ status: 200 });
    const elsewhere = { url: '/conference-request/v1?room=other' };
    expect(await ask(about(BREAKOUT, elsewhere), NOW)).toMatchObject({ status: 404 });
  });

  it('is answered for breakout rooms of a tenant’s meeting', async () => {
    const ask = admission(undefined);
    const team = { tenant: 'Team', url: '/team/conference-request/v1?room=room' };
    expect(await ask(about(BREAKOUT, team), NOW)).toMatchObject({ status: 200 });
    expect(asked).toEqual(['[team]room']);
  });

  it.each([
    { pupils: 500, lessons: 50, seconds: 0 },
    { pupils: 1000, lessons: 80, seconds: 60 },
  ])('lets a school with one address start its lessons (%j)', async ({ pupils, lessons, seconds }) => {
    const ask = admission(undefined);
    const statuses = new Set<number>();
    for (let pupil = 0; pupil < pupils; pupil++) {
      const room = `lesson${pupil % lessons}`;
      const now = new Date(NOW.getTime() + (pupil / pupils) * seconds * 1000);
      const asking = about(`${room}@conference.${DOMAIN}`, { url: `/conference-request/v1?room=${room}` });
      statuses.add((await ask(asking, now)).status);
    }
    expect(statuses).toEqual(new Set([200]));
  });

  it('is refused if one address opens too many rooms', async () => {
    const ask = admission(undefined);
    let refused = 0;
    for (let n = 0; n < 150; n++) {
      const asking = about(`r${n}@conference.${DOMAIN}`, { url: `/conference-request/v1?room=r${n}` });
      if ((await ask(asking, NOW)).status === 429) refused++;
    }
    expect(focus.opened).toHaveLength(100);
    expect(refused).toBe(50);
    const other = about(MINE, { network: '198.51.100.8' });
    expect(await ask(other, NOW)).toMatchObject({ status: 200 });
  });

  it.each([
    ['failed', 502],
    ['busy', 503],
  ] as const)('says that it %s', async (outcome, status) => {
    focus.outcome = outcome;
    expect(await admission(undefined)(about(MINE), NOW)).toMatchObject({ status });
  });
});

describe('a guest who needs a host', () => {
  const guest = async (room: string) =>
    admission(KEY)(about(room, { authorization: `Bearer ${await token('my%20room', true)}` }), NOW);

  it('opens no meeting, but enters one that a host has started', async () => {
    expect(await guest(MINE)).toEqual({ status: 403, body: { error: 'not-allowed', why: 'host' } });
    expect(focus.opened).toEqual([]);
    started.push('my%20room');
    expect((await guest(MINE)).status).toBe(200);
  });

  it('enters if a host comes within seconds, as after the failure of a shard', async () => {
    const entering = guest(MINE);
    setTimeout(() => started.push('my%20room'), 300);
    expect((await entering).status).toBe(200);
  });

  it('enters a breakout room of the meeting', async () => {
    expect((await guest(BREAKOUT)).status).toBe(200);
  });
});
