import pWaitFor from 'p-wait-for';
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift';
import { z } from 'zod';

/** Payload types, as in the offers of Jicofo. */
export const OPUS = 111;
export const VP8 = 100;

/** Characters that cannot end a line of an SDP. */
const SdpToken = z.string().regex(/^[\w+/:-]+$/);

/** The transport that a bridge offers to an endpoint, as in colibri2. Ports are strings there. */
export const BridgeTransport = z.object({
  ufrag: SdpToken,
  pwd: SdpToken,
  fingerprints: z.array(z.object({ hash: SdpToken, fingerprint: SdpToken })).min(1),
  candidates: z.array(z.object({ type: z.string(), ip: z.ipv4(), port: z.coerce.number() })),
});
export type BridgeTransport = z.infer<typeof BridgeTransport>;

/** The endpoint's answer to the bridge, as in colibri2. */
export interface EndpointOffer {
  readonly transport: ReturnType<typeof transportOf>;
  readonly sources: readonly object[];
}

/** Milliseconds that a bridge which has just started may take for DTLS and the data channel. */
const CONNECT_TIMEOUT_MS = 15_000;

/** Milliseconds between two packets of audio, and of video. */
const PACKET_INTERVAL_MS = 20;

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

/** Requests low-resolution video from everybody. */
const RECEIVER_CONSTRAINTS = JSON.stringify({
  colibriClass: 'ReceiverVideoConstraints',
  lastN: -1,
  defaultConstraints: { maxHeight: 180 },
});

/** A synthetic participant with audio and video that joins a conference on this machine's bridge. */
export class SyntheticEndpoint {
  /** Audio and video packets received from the other endpoints. */
  received = 0;
  private readonly connection: RTCPeerConnection;
  private readonly tracks = {
    audio: new MediaStreamTrack({ kind: 'audio' }),
    video: new MediaStreamTrack({ kind: 'video' }),
  };

  constructor(
    readonly name: string,
    private readonly bridgeTransport: BridgeTransport,
  ) {
    this.connection = new RTCPeerConnection({
      codecs: CODECS,
      iceServers: [],
      // The endpoint runs on the bridge's machine. The agent may not list the machine's addresses itself.
      iceAdditionalHostAddresses: hostCandidates(bridgeTransport).map(({ ip }) => ip),
      iceUseIpv4: false,
      iceUseIpv6: false,
    });
  }

  /** Accepts the bridge's offer and returns the answer for the bridge. */
  async answer(): Promise<EndpointOffer> {
    const { connection, bridgeTransport, tracks } = this;
    await connection.setRemoteDescription({ type: 'offer', sdp: offer(bridgeTransport) });
    // The library would query a public STUN server regardless of its configuration.
    for (const { connection: ice } of connection.iceTransports) ice.stunServer = undefined;
    const [audio, video] = connection.getTransceivers();
    if (!audio || !video) throw new Error('audio and video were offered but not accepted');
    await audio.sender.replaceTrack(tracks.audio);
    await video.sender.replaceTrack(tracks.video);
    const channel = connection.createDataChannel('constraints');
    channel.onopen = () => channel.send(RECEIVER_CONSTRAINTS);
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

  /** Waits for DTLS and the data channel. Rejects after 15 s. */
  async waitUntilConnected(): Promise<void> {
    const { connection } = this;
    await pWaitFor(() => connection.connectionState === 'connected', {
      interval: PACKET_INTERVAL_MS,
      timeout: { milliseconds: CONNECT_TIMEOUT_MS, message: `${this.name} could not connect to the bridge` },
    });
    for (const transport of connection.dtlsTransports) transport.onRtp.subscribe(() => this.received++);
  }

  /** Sends audio and video for this many milliseconds. */
  async sendMedia(milliseconds: number): Promise<void> {
    const { audio, video } = this.tracks;
    for (let number = 0; number * PACKET_INTERVAL_MS < milliseconds; number++) {
      audio.writeRtp(packet(OPUS, number, 48, Buffer.alloc(60, number)));
      video.writeRtp(packet(VP8, number, 90, picture(number)));
      await new Promise((resolve) => setTimeout(resolve, PACKET_INTERVAL_MS));
    }
  }

  async leave(): Promise<void> {
    await this.connection.close();
  }
}

/** Candidates on the machine itself. */
const hostCandidates = ({ candidates }: BridgeTransport) => candidates.filter(({ type }) => type === 'host');

/** The bridge's offer as an SDP. The endpoint starts ICE and DTLS (`ice-lite`, `actpass`). */
function offer(bridgeTransport: BridgeTransport): string {
  const { ufrag, pwd } = bridgeTransport;
  const [fingerprint] = bridgeTransport.fingerprints;
  const transport = (mid: number) => [
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:${fingerprint?.hash} ${fingerprint?.fingerprint}`,
    'a=setup:actpass',
    'a=rtcp-mux',
    'a=sendrecv',
    ...hostCandidates(bridgeTransport).map(
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

/** The transport in the endpoint's own SDP, as colibri2 has it. */
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
        id: 'host',
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
  const timestamp = number * PACKET_INTERVAL_MS * ticksPerMs;
  return new RtpPacket(
    new RtpHeader({ payloadType, sequenceNumber: number, timestamp, marker: true }),
    payload,
  );
}

/** The parts of a VP8 key frame that a bridge parses (RFC 7741): descriptor, header and size. The rest is filler. */
function picture(number: number): Buffer {
  const low = number & 0xff;
  const descriptor = [0x90, 0xf0, 0x80 | ((number >> 8) & 0x7f), low, low, 0];
  const header = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 320 & 0xff, 320 >> 8, 180, 0];
  return Buffer.concat([Buffer.from([...descriptor, ...header]), Buffer.alloc(600, number)]);
}
