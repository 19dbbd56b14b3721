import { connect } from 'node:tls';
import { Agent, fetch, type RequestInit, type Response } from 'undici';
import type { Reach } from '../../cloud/account.js';

/** TLS settings of a connection to the domain: its own name is asked for and checked, wherever the connection leads. */
export function tlsOptions(domain: string, reach: Reach | undefined) {
  return {
    servername: domain,
    ...(reach && { host: reach.address, port: reach.port, ca: reach.authority }),
  };
}

/** `fetch` as a participant of that domain. Certificates are always checked. */
export function participantFetch(domain: string, reach: Reach | undefined) {
  const dispatcher = new Agent({
    connect: (options, callback) => {
      const socket = connect({
        host: options.hostname,
        port: Number(options.port || 443),
        ALPNProtocols: ['http/1.1'],
        ...tlsOptions(domain, reach),
      });
      socket.once('secureConnect', () => callback(null, socket));
      socket.once('error', (error) => callback(error, null));
    },
  });
  return {
    fetch: (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`https://${domain}${path}`, { ...init, dispatcher, redirect: 'manual' }),
    close: () => dispatcher.close(),
  };
}
