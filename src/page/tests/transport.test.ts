import { EventEmitter } from 'node:events';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import script from '../transport.text.js';
import { TRANSPORT_PATIENCE } from '../transport-patience.js';

const FAILED = 'failed';
const ESTABLISHED = 'established';
const WEBSOCKET = 'wss://meet.example.org/xmpp-websocket';
const BOSH = 'https://meet.example.org/http-bind';

/** What the network does: whether the server answers requests, and what becomes of a WebSocket. */
interface Network {
  readonly requests: boolean;
  readonly websocket: 'works' | 'refused' | 'swallowed';
}

/** A browser tab, which keeps its pages' storage, with a clock that the test controls. */
function tab(network: Network, { stores = true } = {}) {
  const stored = new Map<string, string>();
  const nothing = () => {
    throw new Error('The browser stores nothing.');
  };
  const sessionStorage = stores
    ? {
        getItem: (key: string) => stored.get(key) ?? null,
        setItem: (key: string, value: string) => stored.set(key, value),
        removeItem: (key: string) => stored.delete(key),
      }
    : { getItem: nothing, setItem: nothing, removeItem: nothing };
  return (joined = false) => {
    const emitted: string[] = [];
    const loaded: string[] = [];
    const shown: string[] = [];
    const timers = new Map<object, { at: number; work: () => void }>();
    let now = 0;
    class JitsiConnection {
      readonly stream: { service: string; isUsingWebSocket: boolean; connected: boolean };
      readonly eventEmitter = new EventEmitter()
        .on(FAILED, (what: string) => emitted.push(what))
        .on(ESTABLISHED, () => emitted.push(ESTABLISHED));
      readonly xmpp = {
        eventEmitter: this.eventEmitter,
        getConnection: () => this.stream,
        connect: () => {},
      };
      constructor(
        _application: string,
        _token: string | null,
        readonly options: { serviceUrl: string; websocket: string; bosh: string; hosts: { domain: string } },
      ) {
        const { serviceUrl } = options;
        this.stream = {
          service: serviceUrl,
          isUsingWebSocket: serviceUrl.startsWith('wss:'),
          connected: false,
        };
      }
      connect() {
        this.xmpp.connect();
      }
    }
    const library = {
      JitsiConnection,
      events: { connection: { CONNECTION_FAILED: FAILED, CONNECTION_ESTABLISHED: ESTABLISHED } },
      errors: {
        connection: {
          CONNECTION_DROPPED_ERROR: 'dropped',
          OTHER_ERROR: 'other',
          SERVER_ERROR: 'server',
        },
      },
    };
    const element = () => {
      const self = {
        textContent: '',
        style: {},
        setAttribute: () => {},
        append: (...parts: { textContent: string }[]) => {
          self.textContent = parts.map(({ textContent }) => textContent).join(' ');
        },
        remove: () => shown.pop(),
      };
      return self;
    };
    class WebSocket {
      onopen = () => {};
      onmessage = () => {};
      onclose = () => {};
      constructor() {
        setImmediate(() => (network.websocket === 'refused' ? this.onclose() : this.onopen()));
      }
      send() {
        if (network.websocket === 'works') setImmediate(() => this.onmessage());
      }
      close() {}
    }
    const context = createContext({
      JitsiMeetJS: library,
      APP: {
        conference: { isJoined: () => joined, isLocalAudioMuted: () => true, isLocalVideoMuted: () => false },
        store: {
          getState: () => ({
            'features/base/connection': {
              locationURL: new URL('https://meet.example.org/r#config.x=1&config.startWithAudioMuted=false'),
            },
          }),
        },
      },
      URL,
      WebSocket,
      AbortSignal,
      console,
      sessionStorage,
      location: {
        host: 'meet.example.org',
        search: '',
        replace: (url: string) => loaded.push(url),
        reload: () => {},
      },
      document: {
        createElement: element,
        body: { append: (notice: { textContent: string }) => shown.push(notice.textContent) },
      },
      setTimeout: (work: () => void, milliseconds: number) => {
        const timer = {};
        timers.set(timer, { at: now + milliseconds, work });
        return timer;
      },
      clearTimeout: (timer: object) => timers.delete(timer),
      fetch: async () => {
        if (!network.requests) throw new TypeError('no network');
        return { status: 200, headers: new Headers({ 'x-jitsi-shard': 'a' }) };
      },
    });
    context.window = context;
    runInContext(script, context);
    const connection = new library.JitsiConnection('app', null, {
      serviceUrl: `${WEBSOCKET}?room=r`,
      websocket: WEBSOCKET,
      bosh: BOSH,
      hosts: { domain: 'meet.example.org' },
    });
    const settle = async () => {
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
    };
    const fail = async (what = 'other') => {
      connection.eventEmitter.emit(FAILED, what);
      await settle();
    };
    const pass = async (milliseconds: number) => {
      for (const end = now + milliseconds; now < end; now += 1_000) {
        for (const [timer, { at, work }] of timers) {
          if (at > now) continue;
          timers.delete(timer);
          work();
        }
        await settle();
      }
    };
    connection.connect();
    return { connection, emitted, loaded, shown, fail, pass, settle };
  };
}

const WORKING: Network = { requests: true, websocket: 'works' };

describe('a page whose network blocks WebSockets', () => {
  it('is reloaded immediately if WebSockets are refused, and uses HTTP without another click', async () => {
    const open = tab({ requests: true, websocket: 'refused' });
    const page = open();
    expect(page.connection.stream.service).toBe(`${WEBSOCKET}?room=r`);
    await page.fail();
    expect(page.loaded).toEqual([
      'https://meet.example.org/r#config.x=1&config.startWithAudioMuted=true&config.startWithVideoMuted=false',
    ]);
    expect(page.emitted).toEqual([]);
    expect(open().connection.stream.service).toBe(`${BOSH}?room=r`);
  });

  it('is reloaded within 15 s if they open but no message passes', async () => {
    const open = tab({ requests: true, websocket: 'swallowed' });
    const page = open();
    await page.pass(TRANSPORT_PATIENCE.login);
    expect(page.loaded).toEqual([]);
    await page.pass(5_000);
    expect(page.loaded).toHaveLength(1);
    expect(open().connection.stream.isUsingWebSocket).toBe(false);
  });

  it('shows a message, and is not reloaded repeatedly, if the browser stores nothing', async () => {
    const page = tab({ requests: true, websocket: 'refused' }, { stores: false })();
    await page.fail();
    expect(page.loaded).toEqual([]);
    expect(page.shown[0]).toContain('The meeting cannot be reached.');
  });
});

describe('a page that cannot connect at all', () => {
  it('shows a message', async () => {
    const page = tab({ requests: false, websocket: 'refused' })();
    await page.fail();
    expect(page.shown[0]).toMatch(
      /cannot be reached.*allow HTTPS and WebSockets to meet\.example\.org.*Try again/,
    );
    expect(page.loaded).toEqual([]);
    expect(page.emitted).toEqual(['other']);
  });

  it('shows a message within 20 s without an answer, until it connects', async () => {
    const page = tab({ requests: false, websocket: 'swallowed' })();
    await page.pass(TRANSPORT_PATIENCE.connection + 1_000);
    expect(page.shown).toHaveLength(1);
    page.connection.eventEmitter.emit(ESTABLISHED);
    expect(page.shown).toEqual([]);
  });

  it('shows a message if HTTP fails too, and tries WebSockets the next time', async () => {
    const open = tab({ requests: true, websocket: 'refused' });
    await open().fail();
    const page = open();
    await page.fail('dropped');
    expect(page.shown).toHaveLength(1);
    expect(open().connection.stream.isUsingWebSocket).toBe(true);
  });
});

describe('a page whose WebSockets work', () => {
  it('keeps using them after a failure, and after a slow login', async () => {
    const open = tab(WORKING);
    const page = open();
    await page.pass(TRANSPORT_PATIENCE.login + 5_000);
    await page.fail('dropped');
    expect(page.loaded).toEqual([]);
    expect(open().connection.stream.isUsingWebSocket).toBe(true);
  });

  it('shows no message once it is connected or in the meeting', async () => {
    const page = tab(WORKING)();
    page.connection.eventEmitter.emit(ESTABLISHED);
    await page.pass(60_000);
    const inMeeting = tab({ requests: false, websocket: 'refused' })(true);
    await inMeeting.fail();
    expect([page.shown, inMeeting.shown]).toEqual([[], []]);
  });

  it('leaves other failures to the client', async () => {
    const page = tab(WORKING)();
    await page.fail('password required');
    expect(page.emitted).toEqual(['password required']);
    expect(page.shown).toEqual([]);
  });
});
