import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EndpointOverride } from '../../src/cloud/account.js';
import { turnName } from '../../src/config/turn.js';
import { BrowserParticipantSession } from '../../src/operations/probe/browser-participant.js';
import { launcher } from '../../src/operations/probe/chromium.js';
import { probeRoom } from '../../src/operations/probe/room-name.js';
import { makeScratch } from '../../src/operations/temporary-folder.js';
import { ADDRESSES } from '../../src/rehearsal/addresses.js';
import { CHROMIUM, type Deployed, deploy, describeMedia, printMeasurements } from './deployed.js';
import { networkBehindProxy, networkWithoutUdp } from './restricted-network.js';

/** Seconds over which frame rate and loss are measured. */
const MEASURED_SECONDS = 10;

/** Runs in the page: by which ways its connections send what they send. */
const WAYS = `(async () => {
  const ways = [];
  for (const connection of window.convokeConnections) {
    if (connection.connectionState !== 'connected') continue;
    const stats = await connection.getStats();
    stats.forEach((one) => {
      const pair = one.type === 'transport' && stats.get(one.selectedCandidatePairId);
      if (!pair) return;
      const { candidateType, relayProtocol, url } = stats.get(pair.localCandidateId);
      ways.push({ candidateType, relayProtocol, url });
    });
  }
  return ways;
})()`;

describeMedia('participants whose network restricts them', () => {
  let here: Deployed;
  let endpointOverride: EndpointOverride;

  beforeAll(async () => {
    // Two cores encode and decode for everybody, so cameras are small, and the bridges do not become more with the load.
    here = await deploy(
      'team.example.org',
      'size: team\nbridges: {min: 2, max: 2}\nmeetings: {resolution: 180}\n',
    );
    if (!here.account.endpointOverride) throw new Error('The rehearsal has no machines.');
    endpointOverride = here.account.endpointOverride;
  });
  afterAll(async () => {
    await here?.remove();
  });

  /** Ada and Ben, and Eve in another network, in one room. */
  const meet = async (
    network: EndpointOverride,
    see: (people: Record<'ada' | 'ben' | 'eve', BrowserParticipantSession>) => Promise<void>,
  ) => {
    const { account, deployment } = here;
    const scratches = [makeScratch(), makeScratch()] as const;
    const browsers: Browser[] = [];
    const open = async (through: EndpointOverride, { path }: { path: string }) => {
      const browser = await launcher(CHROMIUM, path, through)();
      browsers.push(browser);
      return browser;
    };
    const url = `https://${deployment.domain}/${probeRoom()}`;
    const options = { clock: account.clock, endpointOverride };
    try {
      const near = await open(endpointOverride, scratches[0]);
      const ada = await BrowserParticipantSession.enter(near, 'Ada', url, options);
      const ben = await BrowserParticipantSession.enter(near, 'Ben', url, options);
      const far = await open(network, scratches[1]);
      const eve = await BrowserParticipantSession.enter(far, 'Eve', url, options);
      for (const one of [ada, ben, eve]) expect(await one.see(2), one.name).toBe(true);
      await see({ ada, ben, eve });
    } finally {
      await Promise.all(browsers.map((browser) => browser.close()));
      for (const scratch of scratches) scratch.remove();
    }
  };

  it('see and are seen over TLS through a shard if no UDP gets out', async () => {
    const network = await networkWithoutUdp(endpointOverride);
    try {
      await meet(network.endpointOverride, async ({ ada, ben, eve }) => {
        const [direct, relayed] = await Promise.all([ada.page.evaluate(WAYS), eve.page.evaluate(WAYS)]);
        const [toAda, toEve] = await Promise.all([
          ada.receive(MEASURED_SECONDS, 2),
          eve.receive(MEASURED_SECONDS, 2),
        ]);
        printMeasurements('without UDP', {
          ways: { direct, relayed },
          dropped: await network.dropped(),
          people: [ada, ben, eve].map(({ name, joined, firstFrame }) => ({ name, joined, firstFrame })),
          received: { toAda, toEve },
        });
        expect(direct).not.toMatchObject([{ candidateType: 'relay' }]);
        expect(relayed).toMatchObject([relay(here)]);
        expect(await network.dropped()).toBeGreaterThan(0);
        expect(toEve.dataChannel).toBe(true);
      });
    } finally {
      await network.remove();
    }
  });

  it('see and are seen if only an HTTP proxy gets out, and only to port 443', async () => {
    const { domain } = here.deployment;
    const network = await networkBehindProxy(endpointOverride, {
      [domain]: ADDRESSES.balancer,
      [turnName(domain)]: ADDRESSES.networkBalancer,
    });
    try {
      await meet(network.endpointOverride, async ({ ada, ben, eve }) => {
        const relayed = await eve.page.evaluate(WAYS);
        const [toAda, toEve] = await Promise.all([
          ada.receive(MEASURED_SECONDS, 2),
          eve.receive(MEASURED_SECONDS, 2),
        ]);
        printMeasurements('behind an HTTP proxy', {
          relayed,
          connections: [...network.connections],
          people: [ada, ben, eve].map(({ name, joined, firstFrame }) => ({ name, joined, firstFrame })),
          received: { toAda, toEve },
        });
        expect(relayed).toMatchObject([relay(here)]);
        expect(network.connections).toContain(`${turnName(domain)}:443`);
        expect(toEve.dataChannel).toBe(true);
      });
    } finally {
      await network.remove();
    }
  });
});

/** How media gets through TURN over TLS. */
const relay = ({ deployment }: Deployed) => ({
  candidateType: 'relay',
  relayProtocol: 'tls',
  url: `turns:${turnName(deployment.domain)}:443?transport=tcp`,
});
