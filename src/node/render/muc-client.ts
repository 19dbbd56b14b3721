import { PORTS } from '../../contract/ports.js';
import { xmppNames } from './names.js';

/**
 * How a bridge logs in at a shard, by the names of Videobridge's `MucClientConfiguration`: in its file for the shard that
 * it is on board of, over REST for all others. Every value is text there, also a number.
 */
export function mucClient(
  domain: string,
  at: {
    /** Where the shard's Prosody is. */
    readonly hostname: string;
    readonly password: string;
    /** By it Jicofo names the bridge, as in move-endpoints: its instance id. */
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
    // Prosody is on loopback or in the same network, with a certificate that it signed itself.
    disable_certificate_verification: 'true',
    // What Jicofo asks for is done in its order. Videobridge sets that itself in its file, but not over REST: there who is
    // second in a new conference may be served first, "Conference not found", and Jicofo has all of them begin anew.
    iq_handler_mode: 'sync',
  };
}
