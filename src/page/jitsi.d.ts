/**
 * The parts of Jitsi Meet's web client that scripts use. Most are not its public interface: a script must leave the
 * client as it is if a release lacks one of them.
 */
interface Emitter {
  emit(name: string, ...details: unknown[]): boolean;
  on(name: string, listener: (...details: never[]) => void): void;
}

interface JitsiConnectionOptions {
  serviceUrl?: string;
  websocket?: string;
  bosh?: string;
  hosts: { domain: string };
  deploymentInfo: { shard?: string };
  xmppPing?: { interval?: number; timeout?: number; threshold?: number };
}

interface XmppStream extends Emitter {
  /** URL of the WebSocket or of BOSH. */
  service: string;
  connected: boolean;
  isUsingWebSocket: boolean;
  ping: { pingInterval: number; pingTimeout: number; pingThreshold: number };
  disconnect(): void;
}

interface JitsiConnection {
  options: JitsiConnectionOptions;
  xmpp: {
    eventEmitter: Emitter;
    /** Sends conference requests. */
    moderator: { eventEmitter: Emitter };
    getConnection(): XmppStream;
    connect(...args: unknown[]): unknown;
  };
  connect(...args: unknown[]): unknown;
  initJitsiConference(...args: unknown[]): JitsiConference;
}

/** Application, token, options. */
type JitsiConnectionArguments = [unknown, unknown, JitsiConnectionOptions | undefined];

interface JitsiMediaSession {
  setMediaTransferActive?(active: boolean): Promise<unknown>;
}

interface JitsiConference extends Emitter {
  jvbJingleSession?: JitsiMediaSession;
  rtc: { eventEmitter: Emitter };
}

interface JitsiLibrary {
  JitsiConnection: new (...args: JitsiConnectionArguments) => JitsiConnection;
  events: {
    connection: Record<string, string>;
    conference: { P2P_STATUS: string; SERVER_REGION_CHANGED: string };
  };
  errors: { connection: Record<string, string> };
}

interface JitsiParticipant {
  getTracks(): { getVideoType(): string; getTrack(): MediaStreamTrack }[];
}

interface JitsiApp {
  conference: {
    isJoined(): boolean;
    isLocalAudioMuted(): boolean;
    isLocalVideoMuted(): boolean;
    hangup(feedback: boolean): Promise<void>;
    _room: { getParticipants(): JitsiParticipant[] };
  };
  store: {
    getState(): {
      'features/base/connection': { locationURL?: URL };
      'features/power-monitor': { transport: { dispose(): void } };
    };
  };
}

interface Window {
  JitsiMeetJS?: JitsiLibrary;
  APP?: JitsiApp;
}
declare const APP: JitsiApp;
