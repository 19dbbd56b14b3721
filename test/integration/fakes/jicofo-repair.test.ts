import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { jicofo } from '../../../src/node/agent/daemons/jicofo.js';
import { bridgesInBrewery } from '../../../src/node/agent/shard/brewery.js';
import { jicofoRepair } from '../../../src/node/agent/shard/jicofo-repair.js';
import { CHECK_INTERVAL } from '../../../src/node/agent/watch.js';
import { type BridgeHandle, PROSODY, Shard } from './shard.js';

describe.skipIf(!PROSODY)('a Jicofo that does not join the brewery again', { timeout: 60_000 }, () => {
  let shard: Shard;
  let bridge: BridgeHandle;
  beforeAll(async () => {
    shard = await Shard.start('fake.rejoins-brewery = false');
    bridge = await shard.startBridge('jvb1');
  }, 60_000);
  afterAll(() => shard?.stop(), 30_000);

  const inBrewery = () => bridgesInBrewery(shard.prosodyUrl);
  const known = async () => (await jicofo(shard.focus).status())?.statistics?.bridges;

  it('knows the bridges in the brewery, before its connection breaks', async () => {
    expect(await inBrewery()).toBe(1);
    expect(await known()).toBe(1);
  });

  it('is restarted once within 30 s of its checks, and reported', async () => {
    const done: string[] = [];
    const check = jicofoRepair({
      inBrewery,
      restart: async () => {
        done.push('restarted');
        await shard.restartFocus();
      },
      report: async () => void done.push('reported'),
    });
    await shard.restartProsody();
    await vi.waitUntil(async () => (await inBrewery()) === 1, { interval: 50, timeout: 20_000 });
    // Logged in, and without a bridge: without a repair it would stay like this.
    await vi.waitUntil(async () => (await shard.log('focus')).match(/logged in/g)?.length === 2, {
      interval: 50,
      timeout: 20_000,
    });
    expect(await known()).toBe(0);

    const began = Date.now();
    let checks = 0;
    for (; done.length === 0 && checks * CHECK_INTERVAL <= 30_000; checks++)
      await check(await known(), began + checks * CHECK_INTERVAL);
    expect(done).toEqual(['restarted', 'reported']);
    await shard.bridges(1);
    expect(await known()).toBe(1);
  });

  it('is left alone while there is no bridge that it could know', async () => {
    const restart = vi.fn(async () => {});
    const check = jicofoRepair({ inBrewery, restart, report: async () => {} });
    bridge.process.kill('SIGTERM');
    await bridge.ended;
    await shard.bridges(0);
    for (let checks = 0; checks < 10; checks++) await check(await known(), checks * CHECK_INTERVAL);
    expect(restart).not.toHaveBeenCalled();
  });
});
