import { PORTS } from '../../contract/ports.js';
import { xmppNames } from './xmpp-names.js';

/**
 * Settings with which a bridge logs in at a shard, named as in Videobridge's `MucClientConfiguration`: in the
 * configuration file for a co-located bridge, over REST otherwise. Every value is a string, numbers too.
 */
export function mucClient(
  domain: string,
  at: {
    /** Address of the shard's Prosody. */
    readonly hostname: string;
    readonly password: string;
    /** Name of the bridge in Jicofo, as in move-endpoints: its instance id. */
    readonly nickname: string;
  },
): Record<string, string> {
  const names = xmppNames(domain);
  return {
    hostname: at.hostname,
    port: String(PORTS.prosodyClient),
    domain: names.auth,
    username: 'jvb',
    password: at.password,
    muc_jids: names.brewery,
    muc_nickname: at.nickname,
    // Prosody is on loopback or in the same network, with a self-signed certificate.
    disable_certificate_verification: 'true',
    // Process Jicofo's requests in order. Videobridge sets this itself for its file, but not over REST: there the
    // second participant of a new conference may be processed first, "Conference not found", and Jicofo restarts them
    // all.
    iq_handler_mode: 'sync',
  };
}
