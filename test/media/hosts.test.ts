import { afterAll, beforeAll, expect, it } from 'vitest';
import { invite } from '../../src/operations/invite.js';
import { BrowserUsers } from './browser-user.js';
import { type Deployed, deploy, describeMedia } from './deployed.js';

/** The host has an invitation as a moderator: machines of a rehearsal reach no provider. */
describeMedia('meetings that hosts start', () => {
  let here: Deployed;
  beforeAll(async () => {
    here = await deploy(
      'hosts.example.org',
      'access: hosts\nlogin: {issuer: https://id.example.org, client: meet, allow: everyone}\n',
    );
  });
  afterAll(async () => {
    await here?.remove();
  });

  const hostsLink = async (room: string): Promise<string> => {
    const { links } = await invite({ ...here, room, name: 'Ada', moderator: true });
    return links[0] ?? '';
  };

  it('keep guests waiting, let them in by themselves, and go on without the host', async () => {
    const people = new BrowserUsers(here);
    const link = `https://${here.deployment.domain}/R%C3%A4t`;
    const WAITING = 'The meeting has not started yet.';
    try {
      const ben = await people.openRoom('Ben', 'Rät', link);
      const eve = await people.openRoom('Eve', 'Rät', link);
      await ben.isTurnedAway(WAITING);
      await eve.isTurnedAway(WAITING);
      const host = await people.in('Ada', 'Rät', await hostsLink('Rät'));
      await ben.join();
      await eve.join();
      for (const one of [host, ben, eve]) expect(await one.sees(2)).toBe(true);
      expect(await Promise.all([host, ben, eve].map((one) => one.isModerator()))).toEqual([
        true,
        false,
        false,
      ]);
      await ben.reload();
      expect(await ben.sees(2)).toBe(true);
      await host.leave();
      expect(await ben.seesJust(1)).toBe(true);
      const tom = await people.in('Tom', 'Rät', link);
      expect(await tom.sees(2)).toBe(true);
      await host.comeBack();
      expect(await host.isModerator()).toBe(true);
    } finally {
      await people.close();
    }
  });
});
