import { EventEmitter } from 'node:events';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import script from '../reconnect.text.js';

const FAILED = 'failed';
const RESUMING = 15;

/** A page of the client with as much of its library as the script touches. `answers`: what each request is answered by. */
function page(answers: readonly (string | undefined)[], { joined = true, xmpp = true, hash = '' } = {}) {
  let isJoined = joined;
  const asked = answers.values();
  let last: string | undefined;
  const stream = Object.assign(new EventEmitter(), {
    service: 'wss://meet.example.org/xmpp-websocket?room=r',
    connected: false,
    resumes: true,
    ping: { pingInterval: 10_000, pingTimeout: 5_000, pingThreshold: 2 },
    disconnect() {
      stream.resumes = false;
      connection.eventEmitter.emit(FAILED, 'dropped');
    },
  });
  const emitted: string[] = [];
  const loaded: string[] = [];
  let silenced = 0;
  let later: (() => void) | undefined;
  class JitsiConnection {
    options = { xmppPing: { interval: 3_000, timeout: 3_000, threshold: 1 }, deploymentInfo: { shard: 'a' } };
    eventEmitter = new EventEmitter().on(FAILED, (what: string) => emitted.push(what));
    xmpp = xmpp ? { eventEmitter: this.eventEmitter, getConnection: () => stream } : undefined;
  }
  const library = {
    JitsiConnection,
    events: { connection: { CONNECTION_FAILED: FAILED, CONNECTION_ESTABLISHED: 'established' } },
    errors: {
      connection: {
        CONNECTION_DROPPED_ERROR: 'dropped',
        OTHER_ERROR: 'other',
        SERVER_ERROR: 'server',
        SHARD_CHANGED_ERROR: 'shard changed',
      },
    },
  };
  const context = createContext({
    JitsiMeetJS: library,
    APP: {
      conference: {
        isJoined: () => isJoined,
        isLocalAudioMuted: () => true,
        isLocalVideoMuted: () => false,
      },
      store: {
        getState: () => ({
          'features/base/connection': { locationURL: new URL(`https://meet.example.org/r?jwt=j${hash}`) },
          'features/power-monitor': { transport: { dispose: () => silenced++ } },
        }),
      },
    },
    URL,
    location: { search: '', replace: (url: string) => loaded.push(url) },
    AbortSignal,
    console: { warn: () => {} },
    setTimeout: (work: () => void, milliseconds: number) => {
      if (milliseconds < 1_000) return setImmediate(work);
      later = work;
      return 'later';
    },
    clearTimeout: (timer: unknown) => {
      if (timer === 'later') later = undefined;
    },
    fetch: async (url: string) => {
      expect(url).toBe('https://meet.example.org/xmpp-websocket?room=r');
      const next = asked.next();
      if (!next.done) last = next.value;
      return { ok: last !== undefined, headers: new Headers(last ? { 'x-jitsi-shard': last } : {}) };
    },
  });
  context.window = context;
  runInContext(script, context);
  const connection = new library.JitsiConnection();
  /** Waits until the page has no pending work. */
  const settle = async () => {
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  };
  const leave = () => {
    isJoined = false;
  };
  const connect = () => new library.JitsiConnection();
  /** So much time passes that whatever was to happen later happens. */
  const pass = () => later?.();
  return { connection, stream, emitted, loaded, settle, leave, connect, pass, silenced: () => silenced };
}

describe('a page whose connection broke', () => {
  it('pings as configured, which the library alone does not', () => {
    expect(page([]).stream.ping).toEqual({ pingInterval: 3_000, pingTimeout: 3_000, pingThreshold: 1 });
  });

  it('changes once to the shard that serves the room now, when that is certain', async () => {
    const { stream, emitted, settle } = page(['b', undefined, 'b', 'b', undefined, 'b']);
    stream.emit('CONN_STATUS_CHANGED', RESUMING);
    stream.emit('CONN_STATUS_CHANGED', RESUMING);
    await settle();
    expect(emitted).toEqual(['shard changed']);
    expect(stream.resumes).toBe(false);
  });

  it('continues to query if the client gives its session up meanwhile', async () => {
    const { connection, stream, emitted, settle } = page([undefined, 'a']);
    stream.emit('CONN_STATUS_CHANGED', RESUMING);
    connection.eventEmitter.emit(FAILED, 'dropped');
    await settle();
    expect(emitted).toEqual(['shard changed']);
  });

  it('disposes of the old messenger, which would answer the next one endlessly', async () => {
    const { stream, silenced, settle } = page(['b']);
    stream.emit('CONN_STATUS_CHANGED', RESUMING);
    expect(silenced()).toBe(0);
    await settle();
    expect(silenced()).toBe(1);
  });

  it('lets the client resume if the shard still serves the room', async () => {
    const { stream, emitted, settle } = page(['a']);
    stream.emit('CONN_STATUS_CHANGED', RESUMING);
    await settle();
    expect(emitted).toEqual([]);
    expect(stream.resumes).toBe(true);
  });

  it('stays on its shard once it has reconnected', async () => {
    const { stream, emitted, settle } = page([undefined, 'b']);
    stream.emit('CONN_STATUS_CHANGED', RESUMING);
    stream.connected = true;
    await settle();
    expect(emitted).toEqual([]);
  });

  it.each(['dropped', 'other', 'server'])('rejoins within the page after the error %s', async (what) => {
    const { connection, emitted, settle } = page([undefined, 'a']);
    connection.eventEmitter.emit(FAILED, what);
    expect(emitted).toEqual([]);
    await settle();
    expect(emitted).toEqual(['shard changed']);
  });

  it('is reloaded, keeping the mute state, if it cannot reconnect', async () => {
    const { connection, emitted, loaded, pass } = page(['b']);
    connection.eventEmitter.emit(FAILED, 'shard changed');
    expect(emitted).toEqual(['shard changed']);
    pass();
    expect(loaded).toEqual([
      'https://meet.example.org/r?jwt=j#config.startWithAudioMuted=true&config.startWithVideoMuted=false',
    ]);
  });

  it('keeps the settings of the page that embeds it when it is reloaded', () => {
    const { connection, loaded, pass } = page(['b'], {
      hash: '#jitsi_meet_external_api_id=0&config.startWithAudioMuted=false',
    });
    connection.eventEmitter.emit(FAILED, 'shard changed');
    pass();
    expect(loaded[0]).toMatch(
      /#jitsi_meet_external_api_id=0&config\.startWithAudioMuted=true&config\.startWithVideoMuted=false$/,
    );
  });

  it('is not reloaded once it is connected again', async () => {
    const { connection, connect, loaded, pass } = page(['b']);
    connection.eventEmitter.emit(FAILED, 'shard changed');
    connect().eventEmitter.emit('established');
    pass();
    expect(loaded).toEqual([]);
  });

  it('does nothing once the participant has left the meeting', async () => {
    const { stream, emitted, settle, leave } = page([undefined, 'b']);
    stream.emit('CONN_STATUS_CHANGED', RESUMING);
    leave();
    await settle();
    expect(emitted).toEqual([]);
  });

  it('leaves other failures, and failures before a meeting, to the client', () => {
    const [other, outside] = [page(['b']), page(['b'], { joined: false })];
    other.connection.eventEmitter.emit(FAILED, 'password required');
    outside.connection.eventEmitter.emit(FAILED, 'dropped');
    expect([other.emitted, outside.emitted]).toEqual([['password required'], ['dropped']]);
  });

  it('leaves everything to the client if the library is incompatible', () => {
    expect(page([], { xmpp: false }).connection.options.deploymentInfo.shard).toBe('a');
  });
});
