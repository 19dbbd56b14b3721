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
  /** The room in which recorders send their presence to Jicofo. */
  readonly recorderBrewery: string;
  /** Hidden host: clients show no participant from it, and recorders' browsers log in there. */
  readonly recorder: string;
  readonly focusAccount: string;
  readonly bridgeAccount: string;
  /** With which a recorder announces itself to Jicofo. */
  readonly recorderAccount: string;
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
    recorderBrewery: `jibribrewery@internal.${auth}`,
    // Jitsi's modules know a recorder by an address that starts with "recorder@recorder.".
    recorder: `recorder.${domain}`,
    focusAccount: `focus@${auth}`,
    bridgeAccount: `jvb@${auth}`,
    recorderAccount: `jibri@${auth}`,
  };
}
