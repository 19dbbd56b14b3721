import { EventEmitter } from 'node:events';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import invitation from '../invitation.text.js';
import keptInvitation from '../kept-invitation.text.js';

const TOKEN = 'eyJh.eyJy.c2ln';
const FAILED = 'failed';
const EXPIRED = 'token expired';
const REFUSED = 'xmpp.authentication_required';

/** A tab, which keeps what is stored in it from page to page. */
function tab() {
  const kept = new Map<string, string>();
  const sessionStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  };
  return {
    /** Opens a meeting's page. `answers`: statuses of later requests for the page; undefined: the network is down. */
    meeting(address: string, answers: readonly (number | 'redirected' | undefined)[] = []) {
      const asked: string[] = [];
      const loaded: string[] = [];
      const emitted: string[] = [];
      class JitsiConnection {
        xmpp = {
          eventEmitter: new EventEmitter()
            .on(FAILED, (what) => emitted.push(what))
            .on(EXPIRED, () => emitted.push(EXPIRED)),
          moderator: { eventEmitter: new EventEmitter().on(REFUSED, () => emitted.push(REFUSED)) },
        };
      }
      const url = new URL(address);
      const library = {
        JitsiConnection,
        events: { connection: { CONNECTION_FAILED: FAILED, CONNECTION_TOKEN_EXPIRED: EXPIRED } },
        errors: { connection: { PASSWORD_REQUIRED: 'password required' } },
      };
      const context = createContext({
        JitsiMeetJS: library,
        location: {
          pathname: url.pathname,
          search: url.search,
          hash: url.hash,
          replace: (to: string) => loaded.push(to),
          reload: () => loaded.push('again'),
        },
        sessionStorage,
        URLSearchParams,
        atob,
        console,
        setTimeout: (work: () => void) => setImmediate(work),
        fetch: async (link: string) => {
          asked.push(link);
          const status = answers[asked.length - 1];
          if (status === undefined) throw new TypeError('no network');
          return status === 'redirected' ? { status: 200, redirected: true } : { status };
        },
      });
      context.window = context;
      runInContext(invitation, context);
      const { eventEmitter, moderator } = new library.JitsiConnection().xmpp;
      const settle = async () => {
        for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      };
      return { eventEmitter, moderator, asked, loaded, emitted, settle };
    },
    /** Opens the page that turns people away because the address has no token. */
    turnedAway(address: string) {
      const loaded: string[] = [];
      const location = { href: address, replace: (to: string) => loaded.push(to) };
      runInContext(
        keptInvitation,
        createContext({ location, sessionStorage, URL, document: { documentElement: {} } }),
      );
      return loaded;
    },
  };
}

const ROOM = 'https://meet.example.org/r%C3%A4t';
const LINK = `/r%C3%A4t?jwt=${TOKEN}`;

describe('a page of a meeting for members', () => {
  it('can be reloaded in its tab without the token in the address, and no other page can', () => {
    const { meeting, turnedAway } = tab();
    meeting(`${ROOM}?jwt=${TOKEN}`);
    expect(turnedAway(`${ROOM}?lang=de#x`)).toEqual([`${ROOM}?lang=de&jwt=${TOKEN}#x`]);
    expect(turnedAway('https://meet.example.org/other')).toEqual([]);
    expect(tab().turnedAway(ROOM)).toEqual([]);
  });

  it('is found by a token after the #, which only the browser sees', () => {
    for (const mark of ['"', '%22', ''])
      expect(tab().turnedAway(`${ROOM}#jwt=${mark}${TOKEN}${mark}`)[0]).toContain(`?jwt=${TOKEN}#`);
  });

  it('says why, on a page of its own, when its invitation is refused', async () => {
    const { eventEmitter, asked, loaded, emitted, settle } = tab().meeting(`${ROOM}?jwt=${TOKEN}`, [403]);
    eventEmitter.emit(FAILED, 'password required');
    await settle();
    expect(asked).toEqual([LINK]);
    expect(loaded).toEqual([LINK]);
    expect(emitted).toEqual([]);
  });

  it('says why when it expired before the click, so that the request for a conference is refused', async () => {
    const { moderator, loaded, emitted, settle } = tab().meeting(`${ROOM}?jwt=${TOKEN}`, [403]);
    moderator.eventEmitter.emit(REFUSED);
    await settle();
    expect(loaded).toEqual([LINK]);
    expect(emitted).toEqual([]);
  });

  it('says so after the client removed the token from the address and was reloaded', async () => {
    const { meeting } = tab();
    meeting(`${ROOM}?jwt=${TOKEN}`);
    const { eventEmitter, loaded, settle } = meeting(ROOM, [403]);
    eventEmitter.emit(FAILED, 'password required');
    await settle();
    expect(loaded).toEqual([LINK]);
  });

  it('says so when the invitation expired in the meeting, once there is a network again', async () => {
    const answers = [undefined, 503, 403];
    const { eventEmitter, asked, loaded, settle } = tab().meeting(`${ROOM}?jwt=${TOKEN}`, answers);
    eventEmitter.emit(EXPIRED);
    await settle();
    expect(asked).toHaveLength(3);
    expect(loaded).toEqual([LINK]);
  });

  it('loads the page that waits when a guest’s token is refused, and keeps no such token', async () => {
    const claims = Buffer.from(JSON.stringify({ context: { user: { needs_host: true } } })).toString(
      'base64url',
    );
    const { meeting, turnedAway } = tab();
    const settings = '#config.startWithAudioMuted=true';
    const { moderator, asked, loaded, settle } = meeting(`${ROOM}?jwt=eyJh.${claims}.c2ln${settings}`, [403]);
    moderator.eventEmitter.emit(REFUSED);
    await settle();
    expect([asked, loaded]).toEqual([['/r%C3%A4t'], [`/r%C3%A4t${settings}`]]);
    expect(turnedAway(ROOM)).toEqual([]);
  });

  it('loads the page again when a host who is signed in gets another token for the refused one', async () => {
    const { eventEmitter, loaded, settle } = tab().meeting(`${ROOM}?jwt=${TOKEN}`, ['redirected']);
    eventEmitter.emit(FAILED, 'password required');
    await settle();
    expect(loaded).toEqual([LINK]);
  });

  it('leaves other failures to the client, and a refusal if the page would be served', async () => {
    const { eventEmitter, loaded, emitted, settle } = tab().meeting(`${ROOM}?jwt=${TOKEN}`, [200]);
    eventEmitter.emit(FAILED, 'dropped');
    eventEmitter.emit(FAILED, 'password required');
    await settle();
    expect(emitted).toEqual(['dropped', 'password required']);
    expect(loaded).toEqual([]);
  });
});
