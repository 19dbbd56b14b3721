/** XMPP addresses of one shard, all made from the host name of the meeting page. */
export interface XmppNames {
  /** Where participants log in, without a name. */
  readonly domain: string;
  /** Where Jicofo and the bridges log in, with a password. */
  readonly auth: string;
  readonly conference: string;
  /** Jicofo as participants see it. */
  readonly focus: string;
  readonly lobby: string;
  readonly breakout: string;
  /** Chat rooms for the machinery only. */
  readonly internal: string;
  /** The room in which bridges show themselves to Jicofo. */
  readonly brewery: string;
  readonly focusAccount: string;
  readonly bridgeAccount: string;
}

export function xmppNames(domain: string): XmppNames {
  const auth = `auth.${domain}`;
  return {
    domain,
    auth,
    conference: `conference.${domain}`,
    focus: `focus.${domain}`,
    lobby: `lobby.${domain}`,
    breakout: `breakout.${domain}`,
    internal: `internal.${auth}`,
    brewery: `jvbbrewery@internal.${auth}`,
    focusAccount: `focus@${auth}`,
    bridgeAccount: `jvb@${auth}`,
  };
}
