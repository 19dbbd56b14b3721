/** XMPP addresses of a shard, all derived from the host name of the meeting page. */
export interface XmppNames {
  /** Host at which participants log in. */
  readonly domain: string;
  /** Host at which Jicofo and the bridges log in, with a password. */
  readonly auth: string;
  readonly conference: string;
  /** Jicofo as participants see it. */
  readonly focus: string;
  readonly lobby: string;
  readonly breakout: string;
  /** MUC component for Jicofo and bridges only. */
  readonly internal: string;
  /** The brewery: the room in which bridges send their presence to Jicofo. */
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
