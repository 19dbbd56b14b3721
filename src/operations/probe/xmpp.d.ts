/** The part of xmpp.js that convoke uses. The package has no types. */
declare module '@xmpp/xml' {
  export interface Element {
    readonly name: string;
    readonly attrs: Record<string, string>;
    readonly children: (Element | string)[];
    is(name: string, xmlns?: string): boolean;
    getChild(name: string, xmlns?: string): Element | undefined;
    getChildren(name: string, xmlns?: string): Element[];
    getChildText(name: string): string | null;
    remove(child: Element): this;
    text(): string;
    toString(): string;
  }
  export default function xml(
    name: string,
    attrs?: Record<string, string | undefined>,
    ...children: (Element | string | undefined)[]
  ): Element;
}

declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events';
  import type { Element } from '@xmpp/xml';

  export interface XmppClient extends EventEmitter {
    readonly transports: unknown[];
    readonly reconnect: { stop(): void };
    /** The client's own address; null before login. */
    readonly jid: { toString(): string } | null;
    readonly iqCaller: {
      request(iq: Element, timeoutMs?: number): Promise<Element>;
      /** Pending responses, by the id of the request. */
      readonly handlers: Map<string, { readonly promise: Promise<Element> }>;
    };
    readonly iqCallee: { get: OnIq; set: OnIq };
    timeout: number;
    /** Null once the stream is closed. */
    readonly parser: unknown;
    /** Listener for received data. */
    _onData(data: string): void;
    start(): Promise<{ toString(): string }>;
    stop(): Promise<void>;
    send(stanza: Element): Promise<void>;
  }

  /** The handler returns the child of the response: an `<error>` for an error, `true` for an empty result. */
  type OnIq = (
    xmlns: string,
    name: string,
    handler: (context: {
      readonly element: Element;
      readonly stanza: Element;
    }) => Element | true | Promise<Element>,
  ) => void;
  export function client(options: {
    service: string;
    domain: string;
    username?: string;
    password?: string;
    resource?: string;
  }): XmppClient;
}

declare module '@xmpp/websocket/lib/Connection.js' {
  export default class Connection {}
}

declare module '@xmpp/websocket/lib/Socket.js' {
  import type { EventEmitter } from 'node:events';
  export default class Socket extends EventEmitter {
    url: string | null;
    secure: boolean;
    connect(url: string): void;
    _attachSocket(socket: unknown): void;
  }
}
