/**
 * What the probe's and the drill's browsers run before everything else on a page: it keeps the page's connections,
 * counts the screens that the page gets, and reports which frames are decoded. Videos are decoded, not painted: nobody
 * watches, and without a graphics card painting takes more processor time than decoding.
 */

/** Milliseconds between two samples of frames, and between two reports of samples. */
const SAMPLE_EVERY_MS = 50;
const REPORT_EVERY_MS = 250;

interface Packets {
  readonly packetsReceived: number;
  readonly packetsLost: number;
}

/** Checked as a `StatsSample` by the probe. */
interface Stats {
  readonly videos: (Packets & {
    readonly id: string;
    readonly framesDecoded: number;
    readonly framesPerSecond?: number;
    readonly width?: number;
    readonly height?: number;
    readonly screen: boolean;
  })[];
  readonly sounds: (Packets & { readonly id: string; readonly energy: number })[];
  readonly bridges: string[];
  dataChannel: boolean;
}

/** Checked as a `FrameSample` by the probe. */
interface Frames {
  readonly at: number;
  readonly frames: number[];
}

declare global {
  interface Window {
    convokeConnections: RTCPeerConnection[];
    /** Receives the samples of frames. Playwright defines it. */
    convokeLooks?: (samples: Frames[]) => void;
    convokeProbe: {
      /** How often the page has got a screen to share from the browser. */
      shares: number;
      isInRoom(): boolean;
      hangUp(): Promise<void>;
      stats(): Promise<Stats>;
    };
  }
}

const unpainted = new CSSStyleSheet();
unpainted.replaceSync('video { display: none !important; }');
document.adoptedStyleSheets = [unpainted];

const connections: RTCPeerConnection[] = [];
window.convokeConnections = connections;
const Original = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
  constructor(...args: ConstructorParameters<typeof RTCPeerConnection>) {
    super(...args);
    connections.push(this);
  }
};

window.convokeProbe = {
  shares: 0,
  isInRoom: () => Boolean(window.APP?.conference?.isJoined?.()),
  hangUp: () => APP.conference.hangup(false),
  stats,
};

if (window.MediaDevices) {
  const { getDisplayMedia } = MediaDevices.prototype;
  MediaDevices.prototype.getDisplayMedia = async function (...args) {
    const stream = await getDisplayMedia.apply(this, args);
    window.convokeProbe.shares++;
    return stream;
  };
}

/** Chromium knows of each video when its newest frame was decoded. */
const newestFrames = (): number[] =>
  connections
    .filter((connection) => connection.connectionState !== 'closed')
    .flatMap((connection) => connection.getReceivers())
    .filter((receiver) => receiver.track.kind === 'video')
    .map((receiver) => receiver.getSynchronizationSources().map(({ timestamp }) => timestamp))
    .filter((times) => times.length > 0)
    .map((times) => Math.max(...times));

let samples: Frames[] = [];
setInterval(() => samples.push({ at: Date.now(), frames: newestFrames() }), SAMPLE_EVERY_MS);
setInterval(() => {
  window.convokeLooks?.(samples);
  samples = [];
}, REPORT_EVERY_MS);

/** The tracks of the screens that others share. Chromium does not know which videos are screens; the page does. */
function screens(): Set<string> {
  const found = new Set<string>();
  try {
    for (const participant of APP.conference._room.getParticipants())
      for (const track of participant.getTracks())
        if (track.getVideoType() === 'desktop') found.add(track.getTrack().id);
  } catch {
    // Not in the room yet, or another page: then no video is a screen.
  }
  return found;
}

async function stats(): Promise<Stats> {
  const seen: Stats = { videos: [], sounds: [], dataChannel: false, bridges: [] };
  const shared = screens();
  for (const connection of connections) {
    if (connection.connectionState === 'closed') continue;
    const report = await connection.getStats();
    report.forEach((one) => {
      if (one.type === 'data-channel' && one.state === 'open') seen.dataChannel = true;
      if (one.type === 'transport' && connection.connectionState === 'connected') {
        // Not the pair whose state is "succeeded": while it is being checked again, its state is "in-progress".
        const pair = report.get(one.selectedCandidatePairId);
        const remote = pair && report.get(pair.remoteCandidateId);
        if (remote?.address) seen.bridges.push(remote.address);
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
          screen: shared.has(one.trackIdentifier),
        });
    });
  }
  return seen;
}

export {};
