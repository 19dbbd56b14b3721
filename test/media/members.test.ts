import { afterAll, beforeAll, expect, it } from 'vitest';
import { invite } from '../../src/operations/invite.js';
import { participantFetch } from '../../src/operations/probe/connect.js';
import { type Deployed, deploy, describeMedia } from './deployed.js';
import { People } from './person.js';

describeMedia('meetings of members', () => {
  let here: Deployed;
  beforeAll(async () => {
    here = await deploy('members.example.org', 'access: members\n');
  });
  afterAll(async () => {
    await here?.remove();
  });

  const linkTo = async (room: string, name: string, moderator: boolean): Promise<string> => {
    const { account, deployment } = here;
    const { links } = await invite({ account, deployment, room, name, moderator });
    return links[0] ?? '';
  };

  it('are up when a stranger was refused, and three with invitations have met', () => {
    for (const { steps } of here.up.probes) expect(steps[0]).toMatchObject({ name: 'refusal', ok: true });
    expect(here.up.browsers).toMatchObject({ ok: true, detail: '' });
  });

  it('are closed to who has no invitation', async () => {
    const { account, deployment } = here;
    const web = participantFetch(deployment.domain, account.endpointOverride);
    expect((await web.fetch('/standup')).status).toBe(403);
    await web.close();
  });

  it('are moderated only by those invited as moderators, not by the first participant', async () => {
    const people = new People(here);
    try {
      const guest = await people.in('Ben', 'standup', await linkTo('standup', 'Ben', false));
      const host = await people.in('Ada', 'standup', await linkTo('standup', 'Ada', true));
      expect(await guest.sees(1)).toBe(true);
      expect(await host.sees(1)).toBe(true);
      expect([await host.isModerator(), await guest.isModerator()]).toEqual([true, false]);
    } finally {
      await people.close();
    }
  });
});
