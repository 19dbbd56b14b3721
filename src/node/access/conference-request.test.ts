import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roomComplaint, roomKey } from '../../contract/room.js';
import { readRequest } from './conference-request.js';

const DOMAIN = 'meet.example.org';
const MUC = `conference.${DOMAIN}`;
const BREAKOUT = `f81d4fae-7dec-41d0-a765-00a0c91e6bf6@breakout.${DOMAIN}`;

const read = (room: unknown, query: string, { tenant = '', properties = {} as unknown } = {}) =>
  readRequest(
    {
      url: `/conference-request/v1?${query}`,
      tenant,
      contentType: 'application/json',
      body: Buffer.from(JSON.stringify({ room, properties })),
    },
    DOMAIN,
  );

describe('a request for a conference', () => {
  it('is for the room in the body, which has to match the one in the query in any encoding', () => {
    for (const query of ['room=my%20room', 'room=my%2520room', 'room=My+Room', 'room=my%252520room'])
      expect(read(`My%20Room@${MUC}`, query), query).toEqual({
        address: `my%20room@${MUC}`,
        meetings: ['my%20room'],
        tenant: '',
        breakout: false,
        properties: {},
      });
  });

  it('accepts every room name that a user may choose, as the client encodes it', () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(names, (name) => {
        const key = roomKey(name);
        // XMPP has no such character in the name of a room.
        fc.pre(roomComplaint(name) === undefined && !key.includes("'"));
        // As clients before March 2026 name it, and as later ones do.
        for (const named of [key, decodeURIComponent(key)])
          expect(read(`${key}@${MUC}`, `room=${encodeURIComponent(named)}`)).toMatchObject({
            address: `${key}@${MUC}`,
          });
      }),
    );
  });

  it('is for a room whose name looks encoded once the client has normalised it', () => {
    expect(read(`${roomKey('％41')}@${MUC}`, 'room=%2541')).toMatchObject({ address: `%2541@${MUC}` });
  });

  it('is for a room of the tenant in the path, which the address has to match', () => {
    const tenant = { tenant: 'My.Team' };
    const address = `room@conference.my_team.${DOMAIN}`;
    expect(read(address, 'room=room', tenant)).toMatchObject({ address, tenant: 'my_team' });
    expect(read(`room@${MUC}`, 'room=room', tenant)).toMatchObject({ status: 400 });
    expect(read(address, 'room=room')).toMatchObject({ status: 400 });
  });

  it('is for a breakout room of one of the meetings that the query may mean', () => {
    expect(read(BREAKOUT, 'room=my%2520room')).toMatchObject({
      address: BREAKOUT,
      breakout: true,
      meetings: ['my%20room', 'my%2520room'],
    });
    expect(read(`x@breakout.${DOMAIN}`, 'room=room')).toMatchObject({ status: 400 });
  });

  it('contains only those settings of a meeting that Jicofo reads', () => {
    const properties = {
      startAudioMuted: 5,
      startVideoMuted: '7',
      rtcstatsEnabled: false,
      'visitors-version': 1,
      evil: 'x',
    };
    expect(read(`room@${MUC}`, 'room=room', { properties })).toMatchObject({
      properties: { startAudioMuted: '5', startVideoMuted: '7', rtcstatsEnabled: 'false' },
    });
    for (const odd of [
      { startAudioMuted: 1e300 },
      { startAudioMuted: -1 },
      { startAudioMuted: '9e9' },
      'x',
      null,
    ])
      expect(read(`room@${MUC}`, 'room=room', { properties: odd })).toMatchObject({ properties: {} });
  });

  it.each([
    undefined,
    '',
    'text/plain',
    'application/json; charset=gbk',
    'application/json;charset=utf-8;x=y',
  ])('is not read as %j', (contentType) => {
    const body = Buffer.from(JSON.stringify({ room: `room@${MUC}` }));
    const raw = { url: '/?room=room', tenant: '', contentType, body };
    expect(readRequest(raw, DOMAIN)).toMatchObject({ status: 415 });
  });

  it('never throws, for any input', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.webUrl({ withQueryParameters: true }),
        (body, url) => {
          const { pathname, search } = new URL(url);
          const raw = { url: pathname + search, tenant: '', contentType: 'application/json', body };
          expect(readRequest(raw, DOMAIN)).toMatchObject({ status: 400 });
        },
      ),
    );
  });
});
