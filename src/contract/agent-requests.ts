import { NETWORK_HEADER } from './machine-layout.js';

/** The paths that nginx asks the agent for. It makes them itself: what a participant sent is in headers and in the body. */
export const AGENT_PATHS = {
  page: '/page',
  conference: '/conference',
  /** As Jicofo's, which nginx asks in its place while the agent is not there. */
  jicofo: '/about/version',
} as const;

/**
 * Headers in which nginx says what only it knows. The one with the participant's network comes from the edge; nothing but the
 * edge names networks, so that all limits mean the same one.
 */
export const AGENT_HEADERS = {
  url: 'x-original-uri',
  tenant: 'x-tenant',
  network: NETWORK_HEADER.toLowerCase(),
} as const;

/** Where nginx goes on with a participant who is let in: the name of a location of its own. */
export const ADMITTED_LOCATION = '@page';
