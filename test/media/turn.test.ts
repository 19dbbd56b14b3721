import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EndpointOverride } from '../../src/cloud/account.js';
import { BrowserParticipantSession } from '../../src/operations/probe/browser-participant.js';
import { launcher } from '../../src/operations/probe/chromium.js';
import { probeRoom } from '../../src/operations/probe/room-name.js';
import { makeScratch } from '../../src/operations/temporary-folder.js';
import { CHROMIUM, type Deployed, deploy, describeMedia, told } from './deployed.js';
import { type NoUdp, networkWithoutUdp } from './no-udp.js';

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

describeMedia('somebody whose network lets no UDP out', () => {
  const scratches = [makeScratch(), makeScratch()] as const;
  const browsers: Browser[] = [];
  let here: Deployed;
  let network: NoUdp;

  beforeAll(async () => {
    // Two cores encode and decode for everybody, so cameras are small, and the bridges do not become more with the load.
    here = await deploy(
      'team.example.org',
      'size: team\nbridges: {min: 2, max: 2}\nmeetings: {resolution: 180}\n',
    );
    if (!here.account.endpointOverride) throw new Error('The rehearsal has no machines.');
    network = await networkWithoutUdp(here.account.endpointOverride);
  });
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
    for (const scratch of scratches) scratch.remove();
    await network?.remove();
    await here?.remove();
  });

  it('sees and is seen all the same, over TLS by way of a shard', async () => {
    const { account, deployment } = here;
    const open = async (endpointOverride: EndpointOverride | undefined, { path }: { path: string }) => {
      const browser = await launcher(CHROMIUM, path, endpointOverride)();
      browsers.push(browser);
      return browser;
    };
    const url = `https://${deployment.domain}/${probeRoom()}`;
    const options = {
      clock: account.clock,
      ...(account.endpointOverride && { endpointOverride: account.endpointOverride }),
    };
    const near = await open(account.endpointOverride, scratches[0]);
    const ada = await BrowserParticipantSession.enter(near, 'Ada', url, options);
    const ben = await BrowserParticipantSession.enter(near, 'Ben', url, options);
    const far = await open(network.endpointOverride, scratches[1]);
    const eve = await BrowserParticipantSession.enter(far, 'Eve', url, options);

    for (const one of [ada, ben, eve]) expect(await one.see(2), one.name).toBe(true);
    const [direct, relayed] = await Promise.all([ada.page.evaluate(WAYS), eve.page.evaluate(WAYS)]);
    const [toAda, toEve] = await Promise.all([
      ada.receive(MEASURED_SECONDS, 2),
      eve.receive(MEASURED_SECONDS, 2),
    ]);
    told('without UDP', {
      ways: { direct, relayed },
      dropped: await network.dropped(),
      people: [ada, ben, eve].map(({ name, joined, firstFrame }) => ({ name, joined, firstFrame })),
      received: { toAda, toEve },
    });
    expect(direct).not.toMatchObject([{ candidateType: 'relay' }]);
    expect(relayed).toMatchObject([
      {
        candidateType: 'relay',
        relayProtocol: 'tls',
        url: `turns:turn.${deployment.domain}:443?transport=tcp`,
      },
    ]);
    expect(await network.dropped()).toBeGreaterThan(0);
    expect(toEve.dataChannel).toBe(true);
  });
});
