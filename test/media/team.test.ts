import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DrillResult, drill } from '../../src/operations/drill/drill.js';
import type { DrillName } from '../../src/operations/drill/selection.js';
import { browserRoom, joinWithBrowsers } from '../../src/operations/join-meeting.js';
import { roomOn } from '../../src/operations/probe/room-name.js';
import { CHROMIUM, type Deployed, deploy, describeMedia, printMeasurements } from './deployed.js';

describeMedia('two shards and two bridges', () => {
  let here: Deployed;
  beforeAll(async () => {
    // Two cores encode and decode for everybody, so cameras are small. With more bridges the load of real ones beside
    // browsers would have their group launch another.
    here = await deploy(
      'team.example.org',
      'size: team\nbridges: {min: 2, max: 2}\nmeetings: {resolution: 180}\n',
    );
  });
  afterAll(async () => {
    await here?.remove();
  });

  it('is up when somebody has joined on each shard, and three browsers have met', () => {
    expect(here.up.probes.map(({ ok, shard }) => [ok, shard])).toEqual([
      [true, 'a'],
      [true, 'b'],
    ]);
    expect(here.up.browsers).toMatchObject({ ok: true, detail: '' });
  });

  it('holds two meetings at once, one on each shard', async () => {
    const { account, deployment } = here;
    const rooms = await Promise.all(
      ['a', 'b'].map((shard) => roomOn(shard, deployment.domain, account.endpointOverride)),
    );
    expect(rooms).toEqual([expect.any(String), expect.any(String)]);
    const held = await Promise.all(
      rooms.map((room = '') => browserRoom(account, deployment, CHROMIUM, { room, speakers: 1 })),
    );
    try {
      // Six who open the page at the same moment are more than two cores bear.
      for (const room of held) await room.enter();
      for (const room of held) {
        const { ok, detail } = await room.see();
        expect(ok, detail).toBe(true);
      }
      const meetings = await Promise.all(held.map((room) => room.meet()));
      printMeasurements('two rooms on two shards', meetings);
      for (const { ok, detail } of meetings) expect(ok, detail).toBe(true);
      const shards = meetings.map(({ participants }) => participants.map(({ shard }) => shard).join(''));
      expect(shards).toEqual(['aaa', 'bbb']);
    } finally {
      await Promise.all(held.map((room) => room.close()));
    }
  });

  it('holds a meeting of six', async () => {
    const { account, deployment } = here;
    const meeting = await joinWithBrowsers(account, deployment, CHROMIUM, { count: 6 });
    printMeasurements('six in one room', meeting);
    expect(meeting.ok, meeting.detail).toBe(true);
    expect(new Set(meeting.participants.flatMap(({ bridges }) => bridges)).size).toBe(1);
  });

  const drilled = async (name: DrillName): Promise<DrillResult> => {
    const { account, deployment } = here;
    const result = await drill({ account, deployment, drill: name, onProgress: () => {} });
    printMeasurements(`drill ${name}`, { measurements: result.measurements, browsers: result.browsers });
    expect(result).toMatchObject({ usesFakes: false });
    expect(result.browsers).toHaveLength(3);
    const missed = result.measurements.filter(({ ok }) => !ok);
    expect(missed, JSON.stringify(missed)).toEqual([]);
    return result;
  };

  it('keeps its calls when a bridge leaves', async () => {
    await drilled('drain');
  });

  it('brings its calls to another bridge when one loses its power', async () => {
    await drilled('bridge');
  });

  it('brings its rooms to another shard when one loses its power', async () => {
    await drilled('shard');
  });

  it('goes on when a zone loses its power, a shard and a bridge with it', async () => {
    await drilled('zone');
  });
});
