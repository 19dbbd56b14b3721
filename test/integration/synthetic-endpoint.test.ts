import pWaitFor from 'p-wait-for';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MediaStreamTrack, RTCPeerConnection, type RtpPacket } from 'werift';
import {
  BridgeTransport,
  CODECS,
  type EndpointOffer,
  OPUS,
  SyntheticEndpoint,
  VP8,
} from '../../src/node/agent/warm-up/synthetic-endpoint.js';

/** Addresses of the synthetic endpoint and the bridge. */
const HERE = '127.0.0.1';

describe('a synthetic endpoint', () => {
  /** A fake of the bridge: a connection of the same WebRTC library, which accepts the endpoint's. */
  const peer = new RTCPeerConnection({
    codecs: CODECS,
    bundlePolicy: 'max-bundle',
    iceServers: [],
    iceAdditionalHostAddresses: [HERE],
    iceUseIpv4: false,
    iceUseIpv6: false,
  });
  const packets: RtpPacket[] = [];
  const wishes: unknown[] = [];
  let guest: SyntheticEndpoint;
  let arrival: EndpointOffer;

  beforeAll(async () => {
    for (const kind of ['audio', 'video'] as const) peer.addTransceiver(new MediaStreamTrack({ kind }));
    peer.createDataChannel('of the bridge');
    peer.onDataChannel.subscribe((channel) =>
      channel.onMessage.subscribe((message) => wishes.push(JSON.parse(String(message)))),
    );
    const offer = await peer.createOffer();
    // Like a bridge, it lets the endpoint begin.
    for (const { connection } of peer.iceTransports)
      Object.defineProperty(Object.assign(connection, { stunServer: undefined }), 'iceControlling', {
        get: () => false,
        set: () => {},
      });
    await peer.setLocalDescription(offer);
    const line = (name: string) =>
      new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(peer.localDescription?.sdp ?? '')?.[1] ?? '';
    const [hash = '', fingerprint = ''] = line('fingerprint').split(' ');
    const [, , , , ip, port] = line('candidate').split(' ');
    guest = new SyntheticEndpoint(
      'guest',
      BridgeTransport.parse({
        ufrag: line('ice-ufrag'),
        pwd: line('ice-pwd'),
        fingerprints: [{ hash, fingerprint }],
        candidates: [{ type: 'host', ip, port }],
      }),
    );
    arrival = await guest.answer();
    await peer.setRemoteDescription({ type: 'answer', sdp: answerOf(offer.sdp, arrival.transport) });
    for (const transport of peer.dtlsTransports) transport.onRtp.subscribe((packet) => packets.push(packet));
    await guest.waitUntilConnected();
  });
  afterAll(async () => {
    await guest.leave();
    await peer.close();
  });

  it('announces its sources, with names that begin with its own name', () => {
    expect(arrival.sources).toMatchObject([
      { type: 'audio', id: 'guest-a0', sources: [{ name: 'guest-a0' }] },
      { type: 'video', id: 'guest-v0', sources: [{ name: 'guest-v0' }] },
    ]);
  });

  it('requests everybody’s video as soon as the data channel is open', async () => {
    await pWaitFor(() => wishes.length > 0, { timeout: 10_000 });
    expect(wishes).toEqual([
      expect.objectContaining({ colibriClass: 'ReceiverVideoConstraints', lastN: -1 }),
    ]);
  });

  it('sends audio, and video that begins with a VP8 key frame', async () => {
    await guest.sendMedia(200);
    const of = (type: number) => packets.filter(({ header }) => header.payloadType === type);
    await pWaitFor(() => of(OPUS).length > 0 && of(VP8).length > 0, { timeout: 10_000 });
    const payload = of(VP8)[0]?.payload;
    // After a descriptor of six bytes: the lowest bit of a key frame is 0, and its start code follows.
    expect((payload?.[6] ?? 1) & 1).toBe(0);
    expect(payload?.subarray(9, 12)).toEqual(Buffer.from([0x9d, 0x01, 0x2a]));
  });
});

/** The answer to the offer, with this transport. */
function answerOf(
  offer: string,
  { ufrag, pwd, fingerprints, candidates }: EndpointOffer['transport'],
): string {
  const [fingerprint] = fingerprints;
  const [candidate] = candidates;
  return offer
    .replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${ufrag}`)
    .replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${pwd}`)
    .replace(/^a=fingerprint:.*$/gm, `a=fingerprint:${fingerprint?.hash} ${fingerprint?.fingerprint}`)
    .replace(/^a=setup:.*$/gm, 'a=setup:active')
    .replace(/^a=candidate:.*$/gm, '')
    .replace(/^(a=mid:.*)$/gm, `$1\r\na=candidate:1 1 udp 1 ${candidate?.ip} ${candidate?.port} typ host`)
    .replace(/(\r?\n)+/g, '\r\n');
}
