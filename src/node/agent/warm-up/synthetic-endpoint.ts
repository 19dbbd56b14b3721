import pWaitFor from 'p-wait-for';
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift';
import { z } from 'zod';

/** Payload types, as in the offers of Jicofo. */
export const OPUS = 111;
export const VP8 = 100;

/** Nothing that could end a line of an SDP. */
const Word = z.string().regex(/^[\w+/:-]+$/);

/** How a bridge says that one of its places can be reached, in the words of colibri2. Ports are text there. */
export const BridgeTransport = z.object({
  ufrag: Word,
  pwd: Word,
  fingerprints: z.array(z.object({ hash: Word, fingerprint: Word })).min(1),
  candidates: z.array(z.object({ type: z.string(), ip: z.ipv4(), port: z.coerce.number() })),
});
export type BridgeTransport = z.infer<typeof BridgeTransport>;

/** What the bridge is told of who comes, in the same words. */
export interface EndpointOffer {
  readonly transport: ReturnType<typeof transportOf>;
  readonly sources: readonly object[];
}

/** Milliseconds that a bridge which has just started may take over keys and the data channel. */
const CONNECT_PATIENCE_MS = 15_000;

/** Milliseconds between two packets of sound, and of picture. */
const EVERY_MS = 20;

export const CODECS = {
  audio: [
    new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2, payloadType: OPUS }),
  ],
  video: [
    new RTCRtpCodecParameters({
      mimeType: 'video/VP8',
      clockRate: 90_000,
      payloadType: VP8,
      rtcpFeedback: [{ type: 'transport-cc' }, { type: 'nack', parameter: 'pli' }],
    }),
  ],
};

/** Wants small pictures of everybody. */
const WISHES = JSON.stringify({
  colibriClass: 'ReceiverVideoConstraints',
  lastN: -1,
  defaultConstraints: { maxHeight: 180 },
});

/** Somebody made up, with a microphone and a camera, who takes a place on a bridge of this machine. */
export class SyntheticEndpoint {
  /** Packets of sound and picture that came from others. */
  received = 0;
  private readonly connection: RTCPeerConnection;
  private readonly tracks = {
    audio: new MediaStreamTrack({ kind: 'audio' }),
    video: new MediaStreamTrack({ kind: 'video' }),
  };

  constructor(
    readonly name: string,
    private readonly place: BridgeTransport,
  ) {
    this.connection = new RTCPeerConnection({
      codecs: CODECS,
      iceServers: [],
      // It is where the bridge is. The agent has no right to look which addresses the machine has.
      iceAdditionalHostAddresses: hosts(place).map(({ ip }) => ip),
      iceUseIpv4: false,
      iceUseIpv6: false,
    });
  }

  /** Answers what the bridge offers; says what the bridge has to be told. */
  async answer(): Promise<EndpointOffer> {
    const { connection, place, tracks } = this;
    await connection.setRemoteDescription({ type: 'offer', sdp: offer(place) });
    // Nobody outside is asked for this machine's address: the library would ask a public server, whatever it is given.
    for (const { connection: ice } of connection.iceTransports) ice.stunServer = undefined;
    const [audio, video] = connection.getTransceivers();
    if (!audio || !video) throw new Error('sound and picture were offered, and not taken');
    await audio.sender.replaceTrack(tracks.audio);
    await video.sender.replaceTrack(tracks.video);
    const channel = connection.createDataChannel('wishes');
    channel.onopen = () => channel.send(WISHES);
    await connection.setLocalDescription(await connection.createAnswer());
    const source = (type: string, ssrc: number) => {
      const name = `${this.name}-${type.charAt(0)}0`;
      return { type, id: name, sources: [{ ssrc, name }] };
    };
    return {
      transport: transportOf(connection.localDescription?.sdp ?? ''),
      sources: [source('audio', audio.sender.ssrc), source('video', video.sender.ssrc)],
    };
  }

  /** Waits until keys are agreed on and the data channel is open. Rejects when that takes too long. */
  async beConnected(): Promise<void> {
    const { connection } = this;
    await pWaitFor(() => connection.connectionState === 'connected', {
      interval: EVERY_MS,
      timeout: { milliseconds: CONNECT_PATIENCE_MS, message: `${this.name} was not connected` },
    });
    for (const transport of connection.dtlsTransports) transport.onRtp.subscribe(() => this.received++);
  }

  /** Sends sound and pictures for so many milliseconds. */
  async talk(milliseconds: number): Promise<void> {
    const { audio, video } = this.tracks;
    for (let number = 0; number * EVERY_MS < milliseconds; number++) {
      audio.writeRtp(packet(OPUS, number, 48, Buffer.alloc(60, number)));
      video.writeRtp(packet(VP8, number, 90, picture(number)));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  async leave(): Promise<void> {
    await this.connection.close();
  }
}

/** Addresses of the machine itself. */
const hosts = ({ candidates }: BridgeTransport) => candidates.filter(({ type }) => type === 'host');

/** As an SDP of the bridge would be. It leaves it to the guest to begin, with the checks and with the data channel. */
function offer(place: BridgeTransport): string {
  const { ufrag, pwd } = place;
  const [fingerprint] = place.fingerprints;
  const transport = (mid: number) => [
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:${fingerprint?.hash} ${fingerprint?.fingerprint}`,
    'a=setup:actpass',
    'a=rtcp-mux',
    'a=sendrecv',
    ...hosts(place).map(
      ({ ip, port }, index) => `a=candidate:${index + 1} 1 udp ${2 ** 31 - 1} ${ip} ${port} typ host`,
    ),
  ];
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=ice-lite',
    'a=group:BUNDLE 0 1 2',
    `m=audio 9 UDP/TLS/RTP/SAVPF ${OPUS}`,
    ...transport(0),
    `a=rtpmap:${OPUS} opus/48000/2`,
    `m=video 9 UDP/TLS/RTP/SAVPF ${VP8}`,
    ...transport(1),
    `a=rtpmap:${VP8} VP8/90000`,
    `a=rtcp-fb:${VP8} transport-cc`,
    `a=rtcp-fb:${VP8} nack pli`,
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    ...transport(2),
    'a=sctp-port:5000',
    '',
  ].join('\r\n');
}

/** What of the guest's own SDP a bridge is told, in the words of colibri2. */
function transportOf(sdp: string) {
  const line = (name: string) => new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(sdp)?.[1] ?? '';
  const [hash, fingerprint] = line('fingerprint').split(' ');
  const [foundation, , , priority, ip, port] = line('candidate').split(' ');
  return {
    xmlns: 'urn:xmpp:jingle:transports:ice-udp:1',
    ufrag: line('ice-ufrag'),
    pwd: line('ice-pwd'),
    'rtcp-mux': true,
    fingerprints: [{ hash, fingerprint, setup: 'active' }],
    candidates: [
      {
        id: 'guest',
        type: 'host',
        protocol: 'udp',
        component: '1',
        generation: '0',
        network: '0',
        foundation,
        priority,
        ip,
        port,
      },
    ],
  };
}

function packet(payloadType: number, number: number, ticksPerMs: number, payload: Buffer): RtpPacket {
  const timestamp = number * EVERY_MS * ticksPerMs;
  return new RtpPacket(
    new RtpHeader({ payloadType, sequenceNumber: number, timestamp, marker: true }),
    payload,
  );
}

/** What a bridge looks at in a key frame of VP8 (RFC 7741): its descriptor, its header, and its size. The rest is noise. */
function picture(number: number): Buffer {
  const low = number & 0xff;
  const descriptor = [0x90, 0xf0, 0x80 | ((number >> 8) & 0x7f), low, low, 0];
  const header = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 320 & 0xff, 320 >> 8, 180, 0];
  return Buffer.concat([Buffer.from([...descriptor, ...header]), Buffer.alloc(600, number)]);
}
