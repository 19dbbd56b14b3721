import { randomBytes } from 'node:crypto';
import type { XmppClient } from '@xmpp/client';
import xml, { type Element } from '@xmpp/xml';
import { JIBRI, MUC, stanzaError, stayLoggedIn } from '../xmpp-session.js';
import { Browser, Capture, recordingFile, writeMetadata } from './capture.js';
import { address, type Environment } from './environment.js';
import { visit } from './participant.js';

export interface RecorderOptions {
  readonly environments: readonly Environment[];
  readonly folder: string;
  /** Flags of the browser. */
  readonly flags: readonly string[];
  /** FFmpeg's commands, without the output. */
  readonly commands: { readonly file: readonly string[]; readonly stream: readonly string[] };
  readonly log: (line: string) => void;
}

interface Connection {
  readonly environment: Environment;
  readonly host: string;
  xmpp?: XmppClient;
}

/** What it records or streams. */
interface Service {
  readonly connection: Connection;
  /** Who asked, and is told when it ends. */
  readonly focus: string;
  capture?: Capture;
  browser?: Browser;
  leave?: () => void;
  file?: string;
  readonly url: string;
}

/** Jibri's state machine: idle, or busy with one meeting. */
export class Recorder {
  private readonly connections: Connection[];
  private service: Service | undefined;
  private whenIdle: (() => void) | undefined;

  constructor(private readonly options: RecorderOptions) {
    this.connections = options.environments.flatMap((environment) =>
      environment['xmpp-server-hosts'].map((host) => ({ environment, host })),
    );
  }

  get isBusy(): boolean {
    return this.service !== undefined;
  }

  start(): void {
    for (const connection of this.connections) this.connect(connection);
  }

  /** Acts once it records nothing. */
  executeWhenIdle(act: () => void): void {
    if (this.isBusy) this.whenIdle = act;
    else act();
  }

  async stop(): Promise<void> {
    const { service } = this;
    if (!service) return;
    this.service = undefined;
    await service.capture?.stop();
    service.browser?.close();
    service.leave?.();
    if (service.file) writeMetadata(service.file, service.url);
    this.options.log('the recording ended');
    this.present();
    this.whenIdle?.();
  }

  private connect(connection: Connection): void {
    const { environment, host } = connection;
    const { domain, username, password } = environment['control-login'];
    void stayLoggedIn(
      { ...address(host), domain, username, password, resource: randomBytes(4).toString('hex') },
      {
        prepare: (xmpp) =>
          xmpp.iqCallee.set(JIBRI, 'jibri', ({ element, stanza }) =>
            this.answer(element, String(stanza.attrs.from), connection),
          ),
        online: (xmpp) => {
          connection.xmpp = xmpp;
          this.options.log(`logged in at ${host}`);
          this.presentAt(connection, xml('x', { xmlns: MUC }));
        },
        stanza: () => {},
        offline: (why) => {
          delete connection.xmpp;
          this.options.log(`${host}: offline, ${why}`);
          // As Jibri: nobody could tell it to stop.
          if (this.service?.connection === connection) void this.stop();
        },
      },
      new AbortController().signal,
    );
  }

  private present(): void {
    for (const connection of this.connections) this.presentAt(connection);
  }

  private presentAt({ xmpp, environment }: Connection, ...more: Element[]): void {
    const { 'room-name': room, domain, nickname } = environment['control-muc'];
    const status = xml(
      'jibri-status',
      { xmlns: JIBRI },
      xml('busy-status', { xmlns: JIBRI, status: this.isBusy ? 'busy' : 'idle' }),
      xml('health-status', { xmlns: 'http://jitsi.org/protocol/health', status: 'healthy' }),
    );
    xmpp?.send(xml('presence', { to: `${room}@${domain}/${nickname}` }, ...more, status)).catch(() => {});
  }

  private answer(request: Element, from: string, connection: Connection): Element {
    const { action, session_id = '', recording_mode = 'file', streamid = '', room = '' } = request.attrs;
    if (action === 'stop') {
      void this.stop();
      return xml('jibri', { xmlns: JIBRI, status: 'off' });
    }
    if (action !== 'start') return stanzaError('modify', 'bad-request');
    if (this.isBusy)
      return xml('jibri', { xmlns: JIBRI, status: 'off', failure_reason: 'busy', should_retry: 'true' });
    const { environment } = connection;
    const name = room.split('@')[0] ?? '';
    const service: Service = { connection, focus: from, url: `${environment['base-url']}/${name}` };
    this.service = service;
    this.present();
    const output =
      recording_mode === 'stream'
        ? streamid
        : recordingFile(this.options.folder, session_id, name, new Date());
    void this.begin(service, room, recording_mode === 'stream' ? 'stream' : 'file', output);
    return xml('jibri', { xmlns: JIBRI, status: 'pending' });
  }

  private async begin(
    service: Service,
    room: string,
    mode: 'file' | 'stream',
    output: string,
  ): Promise<void> {
    const { environment, host } = service.connection;
    const { domain, username, password } = environment['call-login'];
    const nickname = randomBytes(4).toString('hex');
    try {
      const { leave } = await visit({
        login: { ...address(host), domain, username, password, resource: nickname },
        room,
        nickname,
        onEmpty: () => void this.finish(service),
      });
      service.leave = leave;
      service.browser = new Browser(this.options.flags, service.url);
      service.capture = new Capture(this.options.commands[mode], output);
      if (mode === 'file') service.file = output;
      service.capture.onExit(() => void this.finish(service, 'error'));
      this.options.log(`in a meeting; ${mode === 'file' ? 'recording' : 'streaming'} its page`);
      this.tell(service, { status: 'on' });
    } catch (error) {
      this.options.log(`the meeting could not be entered: ${String(error)}`);
      await this.finish(service, 'error');
    }
  }

  /** It ends by itself, and tells the focus. */
  private async finish(service: Service, failure?: string): Promise<void> {
    if (this.service !== service) return;
    await this.stop();
    this.tell(service, {
      status: 'off',
      ...(failure && { failure_reason: failure, should_retry: 'true' }),
    });
  }

  private tell({ connection, focus }: Service, attributes: Readonly<Record<string, string>>): void {
    const iq = xml('iq', { type: 'set', to: focus }, xml('jibri', { xmlns: JIBRI, ...attributes }));
    connection.xmpp?.iqCaller.request(iq, 15_000).catch(() => {});
  }
}
