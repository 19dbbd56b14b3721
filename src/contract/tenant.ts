/**
 * Paths that are not meetings. A tenant of such a name would be read as one of them in one place and as a tenant in another,
 * and a link to a room of such a name does not open the room.
 */
export const RESERVED_NAMES: readonly string[] = [
  'http-bind',
  'xmpp-websocket',
  'conference-request',
  'config.js',
  'interface_config.js',
  'external_api.js',
  'index.html',
  'convoke',
  'libs',
  'css',
  'static',
  'images',
  'fonts',
  'lang',
  'sounds',
  'connection_optimization',
];

/**
 * A tenant in a path, before its slash, as a regular expression that JavaScript, nginx and HAProxy interpret alike. A tenant is one
 * label of an XMPP domain: 63 bytes at most, no hyphen at either end. Its characters also have to be safe in `config.js`, where
 * nginx writes it by server-side include.
 */
export const TENANT = `(?!(?:${RESERVED_NAMES.map((name) => name.replaceAll('.', '[.]')).join('|')})/)[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9_.])?`;

const WITH_SLASH = new RegExp(`^${TENANT}/$`);

export const isTenant = (name: string): boolean => WITH_SLASH.test(`${name}/`);

/** A tenant as part of a room's name in Prosody. `config.js` and the Prosody module `convoke_session_room` do the same. */
export const tenantKey = (tenant: string): string => tenant.toLowerCase().replaceAll('.', '_');
