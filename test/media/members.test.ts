import { afterAll, beforeAll, expect, it } from 'vitest';
import { invite } from '../../src/operations/invite.js';
import { participantFetch } from '../../src/operations/probe/connect.js';
import { BrowserUsers } from './browser-user.js';
import { type Deployed, deploy, describeMedia } from './deployed.js';

describeMedia('meetings of members', () => {
  let here: Deployed;
  beforeAll(async () => {
    here = await deploy('members.example.org', 'access: members\n');
  });
  afterAll(async () => {
    await here?.remove();
  });

  const linkTo = async (
    room: string,
    name: string,
    moderator: boolean,
    validFor?: number,
  ): Promise<string> => {
    const { account, deployment } = here;
    const { links } = await invite({
      account,
      deployment,
      room,
      name,
      moderator,
      ...(validFor && { validFor }),
    });
    return links[0] ?? '';
  };

  it('are up when a stranger was refused, and three with invitations have met', () => {
    for (const { steps } of here.up.probes) expect(steps[0]).toMatchObject({ name: 'refusal', ok: true });
    expect(here.up.browsers).toMatchObject({ ok: true, detail: '' });
  });

  it('are closed to users without an invitation', async () => {
    const { account, deployment } = here;
    const web = participantFetch(deployment.domain, account.endpointOverride);
    expect((await web.fetch('/standup')).status).toBe(403);
    await web.close();
  });

  it('are moderated only by those invited as moderators, not by the first participant', async () => {
    const people = new BrowserUsers(here);
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

  it('can be reloaded, although the client has removed the invitation from the address', async () => {
    const people = new BrowserUsers(here);
    try {
      const room = 'Rät und Tat';
      const host = await people.in('Ada', room, await linkTo(room, 'Ada', true));
      const guest = await people.in('Ben', room, await linkTo(room, 'Ben', false));
      await host.reload();
      expect(await guest.seesJust(1)).toBe(true);
      expect(await host.sees(1)).toBe(true);
      expect(await host.isModerator()).toBe(true);
    } finally {
      await people.close();
    }
  });

  it('say that an invitation has expired: before the click, and when the connection is lost later', async () => {
    const people = new BrowserUsers(here);
    try {
      const validFor = 60_000;
      const ends = Date.now() + validFor;
      const links = [
        await linkTo('late', 'Ada', true, validFor),
        await linkTo('late', 'Ben', false, validFor),
      ];
      const inside = await people.in('Ada', 'late', links[0]);
      const atDoor = await people.openRoom('Ben', 'late', links[1]);
      await atDoor.visitor.beAtDoor();
      await here.account.clock.wait(Math.max(0, ends - Date.now()) + 2_000);
      expect(await inside.isInRoom()).toBe(true);
      await atDoor.ask();
      await atDoor.isTurnedAway('This invitation has expired.');
      await inside.loseConnection();
      await inside.isTurnedAway('This invitation has expired.');
    } finally {
      await people.close();
    }
  });

  it('have breakout rooms, also after a lost connection, from which moderators return as such', async () => {
    const people = new BrowserUsers(here);
    try {
      const host = await people.in('Ada', 'workshop', await linkTo('workshop', 'Ada', true));
      const guest = await people.in('Ben', 'workshop', await linkTo('workshop', 'Ben', false));
      await host.makeBreakoutRoom();
      await guest.reconnect();
      await host.changeRoom();
      expect(await guest.seesJust(0)).toBe(true);
      await guest.changeRoom();
      expect(await host.seesJust(1)).toBe(true);
      await host.changeRoom();
      await expect
        .poll(async () => [await host.room(), await host.isModerator()], { timeout: 60_000 })
        .toEqual(['workshop', true]);
    } finally {
      await people.close();
    }
  });

  it('let their moderators past the lobby although only guests are inside', async () => {
    const people = new BrowserUsers(here);
    try {
      const link = await linkTo('interview', 'Ada', true);
      const host = await people.in('Ada', 'interview', link);
      const guest = await people.in('Ben', 'interview', await linkTo('interview', 'Ben', false));
      await host.openLobby();
      await host.leave();
      expect(await guest.seesJust(0)).toBe(true);
      const returned = await people.in('Ada', 'interview', link);
      expect(await returned.sees(1)).toBe(true);
      expect(await returned.isModerator()).toBe(true);
      const stranger = await people.openRoom('Eve', 'interview', await linkTo('interview', 'Eve', false));
      await stranger.knock();
    } finally {
      await people.close();
    }
  });
});
