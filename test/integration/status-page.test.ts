import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../../src/cli/web/server.js';
import { findChromium, launcher } from '../../src/operations/probe/chromium.js';
import type { Live, Node } from '../../src/page/status-view.js';

const MACHINES = 100;
const minutes = Array.from({ length: 60 }, (_, minute) => minute);
const nodes = Array.from(
  { length: MACHINES },
  (_, index): Node => ({
    id: `i-${index}`,
    role: index < 8 ? 'shard' : 'bridge',
    name: index < 8 ? `shard ${String.fromCharCode(97 + index)}` : 'bridge',
    zone: `eu-central-1${index % 2 ? 'b' : 'a'}`,
    health: index === 1 ? 'ill' : 'good',
    load: '625 people, 625 meetings',
    details: [['type', 'c7g.large']],
  }),
);
const live = (people: number): Live => ({
  at: new Date().toISOString(),
  domain: 'meet.example.org',
  health: 'starting',
  state: 'serving, but degraded',
  figures: [
    { name: 'people', value: String(people) },
    { name: 'meetings', value: '5000' },
  ],
  notes: ['Missing: shard b.'],
  nodes,
  incidents: [
    { at: new Date().toISOString(), text: 'calls lose many packets', lasted: 'goes on', goesOn: true },
  ],
  lanes: [
    {
      id: 'i-1',
      name: 'shard b i-1',
      spans: [
        { from: 0, to: 0.5, health: 'good', what: 'in service', title: 'in service, 13:00 to 13:30 UTC' },
        { from: 0.5, to: 0.501, health: 'ill', what: 'failed', title: 'failed, 13:30 to 13:30 UTC' },
      ],
    },
  ],
  events: [{ at: new Date().toISOString(), text: '<b>Launching</b>', failed: false }],
  history: {
    at: minutes.map((minute) => 1_796_300_000 + minute * 60),
    people: minutes.map(() => people),
    meetings: minutes.map(() => 5000),
    stress: minutes.map(() => 0.4),
    highestStress: minutes.map(() => null),
  },
});

const program = findChromium();

describe.skipIf(!program)(
  'the page of "status --web" in Chromium, with 100 machines and 5000 meetings',
  () => {
    const abort = new AbortController();
    const scratch = mkdtempSync(join(tmpdir(), 'convoke-status-page-'));
    const complaints: string[] = [];
    let people = 5000;
    let browser: Browser;
    let url: string;

    beforeAll(async () => {
      const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 100));
      ({ url } = await serve({ read: async () => live(people), pause, port: 0, signal: abort.signal }));
      browser = await launcher(program ?? '', scratch, undefined)();
    }, 60_000);
    afterAll(async () => {
      abort.abort();
      await browser?.close();
      rmSync(scratch, { recursive: true, force: true });
    });

    async function open(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(url);
      await page.getByRole('button').first().waitFor();
      return page;
    }

    it('shows every machine, and follows the deployment', async () => {
      const page = await open(1280);
      expect(await page.getByRole('button').count()).toBe(MACHINES);
      expect(await page.getByRole('button', { name: 'shard b not healthy' }).count()).toBe(1);
      expect(await page.locator('canvas').count()).toBe(2);
      // Texts of AWS are texts.
      expect(await page.getByText('<b>Launching</b>').count()).toBe(1);
      await page.getByRole('img', { name: 'failed, 13:30' }).waitFor();
      await page.getByText('calls lose many packets').waitFor();
      people = 5001;
      await page.getByText('5001').first().waitFor({ timeout: 5_000 });
      await page.close();
    });

    it('is used with the keyboard', async () => {
      const page = await open(1280);
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      const details = page.getByRole('heading', { name: 'shard c, i-2' });
      await details.waitFor();
      expect(await page.getByRole('button', { pressed: true }).count()).toBe(1);
      await page.keyboard.press('Escape');
      await details.waitFor({ state: 'detached' });
      await page.close();
    });

    it('fits on a phone', async () => {
      const page = await open(360);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      await page.close();
    });

    it('is dark if the browser is', async () => {
      const ground = async (scheme: 'light' | 'dark') => {
        const page = await open(800, scheme);
        const colour = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        await page.close();
        return colour;
      };
      expect([await ground('light'), await ground('dark')]).toEqual([
        'rgb(255, 255, 255)',
        'rgb(18, 22, 28)',
      ]);
    });

    it('stays smooth, and nothing is blocked by its policy', async () => {
      const page = await open(1280);
      const frames = await page.evaluate<number>(`(async () => {
      const from = performance.now();
      for (let count = 0; count < 60; count += 1) await new Promise(requestAnimationFrame);
      return 60000 / (performance.now() - from);
    })()`);
      // A machine that is busy with other tests draws fewer than 60 a second.
      expect(frames).toBeGreaterThan(10);
      await page.close();
      expect(complaints).toEqual([]);
    });
  },
);
