/** What runs in the page: text, since it is for the browser, where nothing of this program is. */

/** Whether the page is in its room. */
export const IS_IN_ROOM = `Boolean(window.APP && APP.conference && APP.conference.isJoined && APP.conference.isJoined())`;

/** Where media is sent to, over every connection that is in use. */
export const REMOTE = `(async () => {
  const addresses = [];
  for (const connection of window.convokeConnections) {
    if (connection.connectionState !== 'connected') continue;
    const stats = await connection.getStats();
    stats.forEach((one) => {
      if (one.type !== 'candidate-pair' || one.state !== 'succeeded' || !one.nominated) return;
      const remote = stats.get(one.remoteCandidateId);
      if (remote && remote.address) addresses.push(remote.address);
    });
  }
  return addresses;
})()`;

/** What is seen: a `Sight`. */
export const LOOK = `(async () => {
  const videos = [];
  let dataChannel = false;
  for (const connection of window.convokeConnections) {
    if (connection.connectionState === 'closed') continue;
    (await connection.getStats()).forEach((one) => {
      if (one.type === 'data-channel' && one.state === 'open') dataChannel = true;
      if (one.type !== 'inbound-rtp' || one.kind !== 'video' || !one.framesDecoded) return;
      videos.push({
        id: String(one.ssrc),
        framesDecoded: one.framesDecoded,
        framesPerSecond: one.framesPerSecond,
        width: one.frameWidth,
        height: one.frameHeight,
      });
    });
  }
  return { videos, dataChannel };
})()`;

/** Before everything else: keeps hold of the page's connections, and tells four times a second what is seen. */
export const WATCH = `(() => {
  const Original = window.RTCPeerConnection;
  window.convokeConnections = [];
  window.RTCPeerConnection = class extends Original {
    constructor(...args) {
      super(...args);
      window.convokeConnections.push(this);
    }
  };
  const sample = async () => {
    if (window.convokeSample) await window.convokeSample(await (${LOOK}));
    setTimeout(sample, 250);
  };
  setTimeout(sample, 250);
})()`;
