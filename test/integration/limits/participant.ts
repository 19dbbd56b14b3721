import { request } from 'node:http';
import { WebSocket } from 'ws';

export const DOMAIN = 'meet.example.org';
const EDGE = 'http://127.0.0.1';
/** Default timeout of a step, in milliseconds. */
const PATIENCE = 6_000;

/** What the load balancer adds for a participant with this address. */
export const from = (address: string) => ({ 'x-forwarded-for': address, 'x-forwarded-proto': 'https' });

/** Sends one request through the edge, on a connection of its own; resolves with its status, 0 if it was cut off. */
export function send(
  address: string,
  path: string,
  body?: string,
  patience = PATIENCE,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const headers = {
      ...from(address),
      'content-type': path.includes('conference') ? 'application/json' : 'text/xml',
    };
    const sent = request(
      `${EDGE}${path}`,
      { method: body === undefined ? 'GET' : 'POST', headers, agent: false, timeout: patience },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.once('error', () => resolve({ status: 0, text }));
      },
    );
    sent.once('timeout', () => sent.destroy());
    sent.once('error', () => resolve({ status: 0, text: '' }));
    sent.end(body);
  });
}

/** How a participant connects. */
export interface Way {
  /** Timeout of a step, in milliseconds. */
  readonly patience?: number;
  /** Source address of the connection. */
  readonly localAddress?: string;
  /** Id of the session to resume. */
  readonly previous?: string;
}

/** A participant's XMPP stream over WebSocket, through the edge. */
export class Participant {
  closed = false;
  /** The last message; if the stream ended, Prosody's reason. */
  last = '';
  nick = '';
  private text = '';
  private readonly waiting = new Set<() => void>();

  private constructor(
    readonly socket: WebSocket,
    readonly room: string,
    private readonly patience: number,
  ) {
    socket.on('message', (data) => {
      this.text += this.last = String(data);
      for (const wake of this.waiting) wake();
    });
    socket.on('close', () => {
      this.closed = true;
      for (const wake of this.waiting) wake();
    });
    socket.on('error', () => {});
  }

  /** Opens a WebSocket. Rejects if the edge refuses it. */
  static async connect(address: string, room: string, way: Way = {}): Promise<Participant> {
    const { patience = PATIENCE, localAddress, previous } = way;
    const resumes = previous === undefined ? '' : `&previd=${previous}`;
    const socket = new WebSocket(`ws://127.0.0.1/xmpp-websocket?room=${room}${resumes}`, ['xmpp'], {
      headers: from(address),
      handshakeTimeout: patience,
      ...(localAddress !== undefined && { localAddress }),
    });
    const participant = new Participant(socket, room, patience);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return participant;
  }

  /** Logs in, until a session can be opened or resumed. */
  static async authenticate(address: string, room: string, way?: Way): Promise<Participant> {
    const participant = await Participant.connect(address, room, way);
    const open = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${DOMAIN}' version='1.0'/>`;
    participant.send(open);
    await participant.until(/ANONYMOUS/);
    participant.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
    await participant.until(/<success/);
    participant.send(open);
    return participant;
  }

  static async logIn(address: string, room: string, way?: Way): Promise<Participant> {
    const participant = await Participant.authenticate(address, room, way);
    await participant.until(/urn:ietf:params:xml:ns:xmpp-bind/);
    participant.send(
      "<iq type='set' id='bind' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    );
    participant.nick = /<jid>([^@]{8})/.exec(await participant.until(/<\/jid>/))?.[1] ?? '';
    return participant;
  }

  /** Has the focus open the room, and enters it. */
  static async join(address: string, room: string, way: Way = {}): Promise<Participant> {
    const body = JSON.stringify({ room: `${room}@conference.${DOMAIN}`, properties: {} });
    const asked = await send(address, `/conference-request/v1?room=${room}`, body, way.patience);
    if (asked.status !== 200) throw new Error(`the conference was refused with ${asked.status}`);
    const participant = await Participant.logIn(address, room, way);
    participant.send(
      `<presence xmlns='jabber:client' to='${participant.occupant}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await participant.until(/<status[^>]*code=['"]110['"]/);
    return participant;
  }

  get address(): string {
    return `${this.room}@conference.${DOMAIN}`;
  }

  get occupant(): string {
    return `${this.address}/${this.nick}`;
  }

  send(xml: string): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(xml);
  }

  say(text: string): void {
    this.send(
      `<message xmlns='jabber:client' type='groupchat' to='${this.address}'><body>${text}</body></message>`,
    );
  }

  /** Resolves with what was received since the last call as soon as it matches. Rejects when the stream ends or on timeout. */
  async until(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + this.patience;
    while (!pattern.test(this.text)) {
      if (this.closed) throw new Error(`the stream ended before ${pattern}: ${this.last}`);
      if (Date.now() > deadline) throw new Error(`timeout while waiting for ${pattern}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, deadline - Date.now());
        this.waiting.add(wake);
      });
    }
    const { text } = this;
    this.text = '';
    return text;
  }

  /** Forgets what was received. */
  forget(): void {
    this.text = '';
  }

  leave(): void {
    this.socket.terminate();
  }
}
