import { NETWORK_HEADER } from './machine-layout.js';

/**
 * Paths of nginx's requests to the agent. They contain no input from participants, which is in headers and in the
 * body.
 */
export const AGENT_PATHS = {
  page: '/page',
  conference: '/conference',
  signIn: '/sign-in',
  callback: '/sign-in/callback',
  signOut: '/sign-out',
  guest: '/guest',
  /** The same as Jicofo's path, because nginx asks Jicofo directly while the agent is down. */
  jicofo: '/about/version',
} as const;

/**
 * Headers with request data from nginx. The participant's network comes from the edge, which alone determines it, so
 * that all limits use the same one.
 */
export const AGENT_HEADERS = {
  url: 'x-original-uri',
  tenant: 'x-tenant',
  network: NETWORK_HEADER.toLowerCase(),
} as const;

/** Name of the nginx location that serves an admitted participant. */
export const ADMITTED_LOCATION = '@page';
