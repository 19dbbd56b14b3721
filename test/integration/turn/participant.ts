import { WebSocket } from 'ws';
import { fromAddress } from '../access/participant.js';

/** Attributes of a service as Prosody announces it. */
export interface Service {
  readonly [attribute: string]: string;
}

export interface Login {
  readonly domain: string;
  /** Address of the participant, as the web server passes it on. */
  readonly address: string;
  /** The query of Prosody's WebSocket: the room, and the token if there is one. */
  readonly query?: Readonly<Record<string, string>>;
}

/** A participant's connection to Prosody. */
export class Participant {
  private heard = '';
  private wake = () => {};
  /** The services that Prosody announced at login. */
  announced: Service[] = [];

  private constructor(
    private readonly socket: WebSocket,
    private readonly domain: string,
  ) {
    socket.on('message', (data) => {
      this.heard += String(data);
      this.wake();
    });
  }

  static async login({ domain, address, query = {} }: Login): Promise<Participant> {
    const socket = new WebSocket(`ws://127.0.0.1/xmpp-websocket?${new URLSearchParams(query)}`, ['xmpp'], {
      headers: fromAddress(address),
    });
    const participant = new Participant(socket, domain);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const open = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${domain}' version='1.0'/>`;
    socket.send(open);
    await participant.until(/ANONYMOUS/);
    socket.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
    await participant.until(/<success/);
    socket.send(open);
    await participant.until(/xmpp-bind/);
    participant.iq('bind', 'set', "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>");
    participant.announced = servicesIn(await participant.until(/<\/jid>/));
    return participant;
  }

  /** Queries the external services (XEP-0215). */
  async services(): Promise<Service[]> {
    this.iq('services', 'get', "<services xmlns='urn:xmpp:extdisco:2'/>");
    return servicesIn(await this.until(/<\/services>|type=['"]error['"]/));
  }

  /** Enters a room. Returns the services in its metadata. */
  async enter(room: string): Promise<Service[]> {
    this.socket.send(
      `<presence xmlns='jabber:client' to='${room}@conference.${this.domain}/0badcafe'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    const answer = await this.until(/<\/json-message>/);
    const text = /<json-message[^>]*>([^<]*)</.exec(answer)?.[1] ?? '';
    const message = JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&apos;', "'")) as {
      metadata: { services: Service[] };
    };
    return message.metadata.services;
  }

  /** Resolves once Prosody has ended the session. */
  async leave(): Promise<void> {
    const closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    await closed;
  }

  private iq(id: string, type: string, inside: string): void {
    this.socket.send(
      `<iq xmlns='jabber:client' id='${id}' type='${type}' to='${this.domain}'>${inside}</iq>`,
    );
  }

  /** Resolves with what was received since the last call as soon as it matches. */
  private async until(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + 60_000;
    while (!pattern.test(this.heard)) {
      if (Date.now() > deadline) throw new Error(`Prosody did not send ${pattern}, but ${this.heard}`);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, 1_000).unref();
      });
    }
    const { heard } = this;
    this.heard = '';
    return heard;
  }
}

const servicesIn = (xml: string): Service[] =>
  [...xml.matchAll(/<service\s([^>]*)\/>/g)].map(([, attributes = '']) =>
    Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)=['"]([^'"]*)['"]/g)].map(([, key = '', value = '']) => [key, value]),
    ),
  );
