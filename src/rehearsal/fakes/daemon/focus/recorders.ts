import { randomUUID } from 'node:crypto';
import type { XmppClient } from '@xmpp/client';
import xml, { type Element } from '@xmpp/xml';
import { JIBRI, MUC, stanzaError } from '../xmpp-session.js';

/** A recording or stream of one room. */
interface Session {
  readonly id: string;
  readonly room: string;
  readonly mode: 'file' | 'stream';
  readonly recorder: string;
  readonly initiator: string;
}

/** The recorders in their brewery, and the recordings of meetings. */
export class Recorders {
  /** Whether each recorder is idle, by its address in the brewery. */
  private readonly idle = new Map<string, boolean>();
  private readonly sessions = new Map<string, Session>();
  private xmpp?: XmppClient;

  constructor(
    /** `room@internal.auth.DOMAIN`; undefined: there are no recorders. */
    private readonly brewery: string | undefined,
    private readonly log: (line: string) => void,
  ) {}

  /** Called before the connection is opened. */
  prepare(xmpp: XmppClient): void {
    if (this.brewery === undefined) return;
    xmpp.iqCallee.set(JIBRI, 'jibri', ({ element, stanza }) =>
      this.answer(element, String(stanza.attrs.from)),
    );
  }

  online(xmpp: XmppClient): void {
    this.xmpp = xmpp;
    if (this.brewery === undefined) return;
    xmpp.send(xml('presence', { to: `${this.brewery}/focus` }, xml('x', { xmlns: MUC }))).catch(() => {});
  }

  offline(): void {
    delete this.xmpp;
    this.idle.clear();
    this.sessions.clear();
  }

  /** Whether the stanza was about recorders. */
  follow(stanza: Element): boolean {
    const jid = stanza.attrs.from ?? '';
    if (!stanza.is('presence') || this.brewery === undefined || !jid.startsWith(`${this.brewery}/`))
      return false;
    if (stanza.attrs.type === 'unavailable') {
      this.idle.delete(jid);
      for (const session of this.sessions.values()) if (session.recorder === jid) this.end(session, 'error');
    }
    const status = stanza.getChild('jibri-status', JIBRI)?.getChild('busy-status')?.attrs.status;
    if (status) this.idle.set(jid, status === 'idle');
    return true;
  }

  counts(): { recording: number; streaming: number; count: number; available: number } {
    const modes = [...this.sessions.values()].map(({ mode }) => mode);
    return {
      recording: modes.filter((mode) => mode === 'file').length,
      streaming: modes.filter((mode) => mode === 'stream').length,
      count: this.idle.size,
      available: [...this.idle.values()].filter(Boolean).length,
    };
  }

  private answer(request: Element, from: string): Promise<Element> | Element {
    const { action, status } = request.attrs;
    if (this.idle.has(from)) return this.hear(from, status ?? '');
    const [room = ''] = from.split('/');
    if (action === 'start') return this.start(request, room, from);
    const session = this.sessions.get(room);
    if (action !== 'stop' || !session) return stanzaError('modify', 'bad-request');
    return this.stop(session);
  }

  /** A recorder tells that it has begun or ended. */
  private hear(recorder: string, status: string): Element {
    const session = [...this.sessions.values()].find((one) => one.recorder === recorder);
    if (session && status === 'on') this.show(session, 'on');
    if (session && status === 'off') this.end(session);
    return xml('jibri', { xmlns: JIBRI });
  }

  private async start(request: Element, room: string, initiator: string): Promise<Element> {
    const { recording_mode, streamid } = request.attrs;
    const recorder = [...this.idle].find(([, idle]) => idle)?.[0];
    if (!recorder || !this.xmpp)
      return this.idle.size > 0
        ? stanzaError('wait', 'resource-constraint')
        : stanzaError('cancel', 'service-unavailable');
    const mode = recording_mode === 'stream' ? 'stream' : 'file';
    const session: Session = { id: randomUUID().slice(0, 16), room, mode, recorder, initiator };
    this.idle.set(recorder, false);
    this.sessions.set(room, session);
    const start = xml('jibri', {
      xmlns: JIBRI,
      action: 'start',
      recording_mode: mode,
      room,
      session_id: session.id,
      ...(streamid && { streamid }),
    });
    try {
      await this.xmpp.iqCaller.request(xml('iq', { type: 'set', to: recorder }, start), 15_000);
    } catch (error) {
      this.sessions.delete(room);
      this.log(`${room}: no recording, ${error instanceof Error ? error.message : String(error)}`);
      return stanzaError('cancel', 'service-unavailable');
    }
    this.show(session, 'pending');
    return xml('jibri', { xmlns: JIBRI, status: 'pending', session_id: session.id });
  }

  private async stop(session: Session): Promise<Element> {
    const stop = xml('jibri', { xmlns: JIBRI, action: 'stop', session_id: session.id });
    await this.xmpp?.iqCaller
      .request(xml('iq', { type: 'set', to: session.recorder }, stop), 15_000)
      .catch(() => {});
    this.end(session);
    return xml('jibri', { xmlns: JIBRI, status: 'off', session_id: session.id });
  }

  private end(session: Session, failure?: string): void {
    this.sessions.delete(session.room);
    this.show(session, 'off', failure);
  }

  /** Tells everybody in the room, with the focus's presence. */
  private show({ room, id, mode, initiator }: Session, status: string, failure?: string): void {
    const shown = xml('jibri-recording-status', {
      xmlns: JIBRI,
      session_id: id,
      recording_mode: mode,
      status,
      initiator,
      ...(failure && { failure_reason: failure }),
    });
    this.log(`${room}: recording is ${status}${failure ? `, ${failure}` : ''}`);
    this.xmpp?.send(xml('presence', { to: `${room}/focus` }, shown)).catch(() => {});
  }
}
