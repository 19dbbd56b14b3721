/** What runs in the page: text, since it is for the browser, where nothing of this program is. */

/** Whether the page is in its room. */
export const IS_IN_ROOM = `Boolean(window.APP && APP.conference && APP.conference.isJoined && APP.conference.isJoined())`;

/** Hangs up. */
export const HANG_UP = 'APP.conference.hangup(false)';

/** How often the page has got a screen to share from the browser. */
export const SHARES = 'window.convokeShares';

/**
 * What is seen and heard: a `StatsSample`. Chromium tells all of it but one thing: the page knows which videos are screens.
 */
export const LOOK = `(async () => {
  const seen = { videos: [], sounds: [], dataChannel: false, bridges: [] };
  const screens = new Set();
  try {
    for (const participant of APP.conference._room.getParticipants())
      for (const track of participant.getTracks())
        if (track.getVideoType() === 'desktop') screens.add(track.getTrack().id);
  } catch {
    // Not in the room yet, or another page: then no video is a screen.
  }
  for (const connection of window.convokeConnections) {
    if (connection.connectionState === 'closed') continue;
    const stats = await connection.getStats();
    stats.forEach((one) => {
      if (one.type === 'data-channel' && one.state === 'open') seen.dataChannel = true;
      if (one.type === 'transport' && connection.connectionState === 'connected') {
        // Not the pair whose state is "succeeded": each time it is checked whether it still is, it is "in-progress".
        const pair = stats.get(one.selectedCandidatePairId);
        const remote = pair && stats.get(pair.remoteCandidateId);
        if (remote && remote.address) seen.bridges.push(remote.address);
      }
      if (one.type !== 'inbound-rtp') return;
      const packets = { packetsReceived: one.packetsReceived || 0, packetsLost: one.packetsLost || 0 };
      if (one.kind === 'audio')
        seen.sounds.push({ id: String(one.ssrc), ...packets, energy: one.totalAudioEnergy || 0 });
      if (one.kind === 'video' && one.framesDecoded)
        seen.videos.push({
          id: String(one.ssrc),
          ...packets,
          framesDecoded: one.framesDecoded,
          framesPerSecond: one.framesPerSecond,
          width: one.frameWidth,
          height: one.frameHeight,
          screen: screens.has(one.trackIdentifier),
        });
    });
  }
  return seen;
})()`;

/** How often a page looks for new frames, and how often it tells, in milliseconds. */
const LOOK_EVERY_MS = 50;
const TELL_EVERY_MS = 250;

/**
 * Before everything else: keeps hold of the page's connections, counts the screens that it gets, and tells the visitor what
 * it sees: `FrameSample`s. Chromium knows of each video when its newest frame was decoded. Videos are decoded, not painted: nobody
 * looks, and without a graphics card painting takes more of a processor than decoding.
 */
export const WATCH = `(() => {
  const unpainted = new CSSStyleSheet();
  unpainted.replaceSync('video { display: none !important; }');
  document.adoptedStyleSheets = [unpainted];
  const Original = window.RTCPeerConnection;
  window.convokeConnections = [];
  window.RTCPeerConnection = class extends Original {
    constructor(...args) {
      super(...args);
      window.convokeConnections.push(this);
    }
  };
  window.convokeShares = 0;
  if (window.MediaDevices) {
    const { getDisplayMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getDisplayMedia = async function (...args) {
      const stream = await getDisplayMedia.apply(this, args);
      window.convokeShares++;
      return stream;
    };
  }
  const newestFrames = () =>
    window.convokeConnections
      .filter((connection) => connection.connectionState !== 'closed')
      .flatMap((connection) => connection.getReceivers())
      .filter((receiver) => receiver.track.kind === 'video')
      .map((receiver) => receiver.getSynchronizationSources().map(({ timestamp }) => timestamp))
      .filter((times) => times.length > 0)
      .map((times) => Math.max(...times));
  let looks = [];
  setInterval(() => looks.push({ at: Date.now(), frames: newestFrames() }), ${LOOK_EVERY_MS});
  setInterval(() => {
    if (window.convokeLooks) window.convokeLooks(looks);
    looks = [];
  }, ${TELL_EVERY_MS});
})()`;
