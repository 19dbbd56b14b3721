import { setTimeout as wait } from 'node:timers/promises';
import { client, type XmppClient } from '@xmpp/client';
import xml, { type Element } from '@xmpp/xml';
import { ignoreEarlyErrors, withoutStreamManagement } from '../../../operations/probe/xmpp-patches.js';
import type { Settings } from './settings.js';

export const MUC = 'http://jabber.org/protocol/muc';
export const MUC_USER = 'http://jabber.org/protocol/muc#user';
export const MUC_ADMIN = 'http://jabber.org/protocol/muc#admin';
export const COLIBRI_STATS = 'http://jitsi.org/protocol/colibri';
export const COLIBRI2 = 'jitsi:colibri2';
export const HEALTH = 'http://jitsi.org/protocol/healthcheck';
export const JIBRI = 'http://jitsi.org/protocol/jibri';
const PING = 'urn:xmpp:ping';
const STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

export interface Login {
  readonly hostname: string;
  readonly port: number;
  readonly domain: string;
  readonly username: string;
  readonly password: string;
  readonly resource?: string;
}

export interface SessionEvents {
  /** Called before the connection is opened, to register handlers of IQs. */
  prepare?(xmpp: XmppClient): void;
  online(xmpp: XmppClient): void;
  stanza(stanza: Element, xmpp: XmppClient): void;
  offline(why: string): void;
}

const RETRY_MS = 1_000;
const LOGIN_TIMEOUT_MS = 15_000;
const PING_EVERY_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;

/**
 * Stays logged in on Prosody until the signal aborts. Each attempt uses a new client, so that no state of a broken
 * connection remains; a dead connection is detected by a ping.
 */
export async function stayLoggedIn(login: Login, events: SessionEvents, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const why = await oneSession(login, events, signal).catch((error: unknown) => reason(error));
    events.offline(why);
    await wait(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

async function oneSession(login: Login, events: SessionEvents, signal: AbortSignal): Promise<string> {
  const { hostname, port, domain, username, password, resource } = login;
  const xmpp = client({
    service: `xmpp://${hostname}:${port}`,
    domain,
    username,
    password,
    ...(resource && { resource }),
  });
  xmpp.reconnect.stop();
  withoutStreamManagement(xmpp);
  ignoreEarlyErrors(xmpp);
  const over = new AbortController();
  const ended = new Promise<string>((resolve) => {
    xmpp.once('disconnect', () => resolve('the connection was closed'));
    xmpp.on('error', (error) => resolve(reason(error)));
    const stop = () => resolve('a stop was requested');
    signal.addEventListener('abort', stop, { once: true, signal: over.signal });
  });
  xmpp.on('stanza', (stanza: Element) => events.stanza(stanza, xmpp));
  events.prepare?.(xmpp);
  try {
    const slow = wait(LOGIN_TIMEOUT_MS, 'Prosody did not let it in', { signal: over.signal });
    const started = await Promise.race([xmpp.start().then(() => undefined), ended, slow]);
    if (started !== undefined) return started;
    events.online(xmpp);
    return await Promise.race([ended, pingUntilSilent(xmpp, domain, over.signal)]);
  } finally {
    over.abort();
    await xmpp.stop().catch(() => {});
  }
}

/**
 * If Prosody is too slow to answer the last steps of a login, they fail inside the library in a promise that no caller can
 * catch. The session has its own timeout. The daemon must not exit because of that; the real ones do not.
 */
export function tolerateSlowLogins(): void {
  process.on('unhandledRejection', (error) => {
    if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
  });
}

async function pingUntilSilent(xmpp: XmppClient, domain: string, signal: AbortSignal): Promise<string> {
  for (;;) {
    await wait(PING_EVERY_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return '';
    const ping = xml('iq', { type: 'get', to: domain }, xml('ping', { xmlns: PING }));
    const silent = await xmpp.iqCaller.request(ping, PING_TIMEOUT_MS).then(
      () => false,
      // Prosody may not have loaded the ping module: an error is an answer too.
      (error: Error) => error.name === 'TimeoutError',
    );
    if (silent) return 'Prosody did not answer a ping';
  }
}

/** The error element of an IQ response. */
export function stanzaError(type: string, condition: string, ...more: Element[]): Element {
  return xml('error', { type }, xml(condition, { xmlns: STANZAS }), ...more);
}

/**
 * Jitsi disables certificate checks per connection. A fake connects only to its own Prosody, so it disables them for the
 * process. Must be called before the first connection.
 */
export function trustAnyCertificate(): void {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  process.removeAllListeners('warning');
}

/** Login settings, such as `jicofo.xmpp.client`. */
export function loginFrom(settings: Settings, path: string, username: string): Login {
  return {
    hostname: settings.text(`${path}.hostname`, 'localhost'),
    port: settings.number(`${path}.port`, 5222),
    domain: settings.text(`${path}.domain`),
    username: settings.text(`${path}.username`, username),
    password: settings.text(`${path}.password`),
    resource: settings.text(`${path}.resource`, settings.text(`${path}.username`, username)),
  };
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
