import { afterAll, beforeAll, expect, it } from 'vitest';
import { probeRoom } from '../../src/operations/probe/room-name.js';
import { verifyMeeting } from '../../src/operations/verify-meeting.js';
import { BrowserUsers } from './browser-user.js';
import { type Deployed, deploy, describeMedia, printMeasurements } from './deployed.js';

describeMedia('one shard with its co-located bridge', () => {
  let here: Deployed;
  beforeAll(async () => {
    here = await deploy('meet.example.org');
  });
  afterAll(async () => {
    await here?.remove();
  });

  it('is up when three browsers have met', () => {
    expect(here.up.browsers).toMatchObject({ ok: true, detail: '', untried: [] });
    expect(here.up.firstFrame).toBeGreaterThan(0);
  });

  it('lets people see, hear, share and write, over its own bridge, with the side channel open', async () => {
    const { account, deployment } = here;
    const { ok, browsers } = await verifyMeeting({
      account,
      deployment,
      room: 'Café on Monday',
      onProgress: () => {},
    });
    printMeasurements('one shard', browsers);
    expect(ok, browsers?.detail).toBe(true);
    for (const one of browsers?.participants ?? []) {
      expect(one).toMatchObject({ shard: 'a', dataChannel: true, heard: 2 });
      expect(one.bridges).toHaveLength(1);
    }
  });

  const meeting = async (scenario: (people: BrowserUsers, room: string) => Promise<void>) => {
    const people = new BrowserUsers(here);
    try {
      await scenario(people, probeRoom());
    } finally {
      await people.close();
    }
  };

  it('shows three the others as sharp as they are shown large', () =>
    meeting(async (people, room) => {
      for (const one of await people.three(room)) expect(await one.seesWide(2, 640), one.name).toBe(true);
    }));

  it('is joined from a phone: by the front page, without an app, on pages that fit', () =>
    meeting(async (people, room) => {
      const ada = await people.in('Ada', room);
      const ben = await people.onPhone('Ben');
      expect(await ben.fitsScreen()).toBe(true);
      await ben.goTo(room);
      expect(await ben.fitsScreen()).toBe(true);
      await ben.join();
      expect(await ben.fitsScreen()).toBe(true);
      for (const one of [ada, ben]) expect(await one.sees(1), one.name).toBe(true);
    }));

  it('has a lobby: participants who knock wait until the moderator admits them, and are then seen', () =>
    meeting(async (people, plain) => {
      const room = `Grösse ${plain}`;
      const ada = await people.in('Ada', room);
      const ben = await people.in('Ben', room);
      await ada.openLobby();
      const eve = await people.openRoom('Eve', room);
      await eve.knock();
      expect(await eve.isInRoom()).toBe(false);
      await ada.admit();
      await eve.waitForAdmission();
      for (const one of [ada, ben, eve]) expect(await one.sees(2), one.name).toBe(true);
    }));

  it('has passwords: a wrong one is refused, the right one leads in', () =>
    meeting(async (people, room) => {
      const ada = await people.in('Ada', room);
      await ada.setPassword('4711');
      const ben = await people.openRoom('Ben', room);
      await ben.ask();
      await ben.givePassword('0815');
      await ben.isAskedForPassword();
      expect(await ben.isInRoom()).toBe(false);
      await ben.givePassword('4711');
      await ben.waitForAdmission();
      for (const one of [ada, ben]) expect(await one.sees(1), one.name).toBe(true);
    }));

  it('has breakout rooms: participants in one see each other and nobody else, and can return', () =>
    meeting(async (people, plain) => {
      // A space and a letter beyond ASCII, which Jitsi's modules for Prosody would not find (jitsi-meet #12607).
      const [ada, ben, eve] = await people.three(`Grösse ${plain}`);
      await ada.makeBreakoutRoom();
      await ada.changeRoom();
      await ben.changeRoom();
      expect(await ada.seesJust(1)).toBe(true);
      expect(await ben.seesJust(1)).toBe(true);
      expect(await eve.seesJust(0)).toBe(true);
      await ada.changeRoom();
      await ben.changeRoom();
      for (const one of [ada, ben, eve]) expect(await one.sees(2), one.name).toBe(true);
    }));

  it('takes back who left', () =>
    meeting(async (people, room) => {
      const [ada, ben, eve] = await people.three(room);
      await eve.leave();
      expect(await ada.seesJust(1)).toBe(true);
      await eve.comeBack();
      for (const one of [ada, ben, eve]) expect(await one.sees(2), one.name).toBe(true);
    }));
});
