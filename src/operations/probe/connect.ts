import { connect, type TLSSocket } from 'node:tls';
import { Agent, fetch, type RequestInit, type Response } from 'undici';
import type { EndpointOverride } from '../../cloud/account.js';

/**
 * A TLS connection to the domain at any address, with the domain as server name; the certificate must be valid for it. Only
 * `endpointOverride` sets an authority, and then only that one is trusted.
 */
export function connectTo(domain: string, endpointOverride: EndpointOverride | undefined): TLSSocket {
  return connect({
    host: endpointOverride?.address ?? domain,
    port: endpointOverride?.port ?? 443,
    servername: domain,
    ALPNProtocols: ['http/1.1'],
    ...(endpointOverride && { ca: endpointOverride.authority }),
  });
}

/** `fetch` as a participant of that domain. Redirects are not followed: a meeting page has none. */
export function participantFetch(domain: string, endpointOverride: EndpointOverride | undefined) {
  const dispatcher = new Agent({
    connect: (_options, callback) => {
      const socket = connectTo(domain, endpointOverride);
      const failed = (error: Error) => callback(error, null);
      socket.once('error', failed);
      socket.once('secureConnect', () => {
        socket.off('error', failed);
        callback(null, socket);
      });
    },
  });
  return {
    fetch: (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`https://${domain}${path}`, { ...init, dispatcher, redirect: 'manual' }),
    close: () => dispatcher.destroy(),
  };
}
