import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Live } from '../../page/status-view.js';
import { serve } from './server.js';

const LIVE: Live = {
  at: '2026-12-03T13:00:00.000Z',
  domain: 'meet.example.org',
  health: 'good',
  state: 'serving',
  figures: [],
  notes: [],
  nodes: [],
  lanes: [],
  events: [],
  history: { at: [], people: [], meetings: [], stress: [], highestStress: [] },
};

let abort = new AbortController();
afterEach(() => abort.abort());

async function start(read: () => Promise<Live> = async () => LIVE) {
  abort = new AbortController();
  const { signal } = abort;
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 10));
  return serve({ read, pause, port: 0, signal });
}

const get = (url: string, host?: string) =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    request(url, { ...(host && { headers: { host } }) }, (response) => {
      let body = '';
      response.on('data', (part) => {
        body += part;
        // The stream of events does not end.
        if (url.endsWith('/live') && body.includes('\n\n')) response.destroy();
      });
      response.on('close', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    })
      .on('error', reject)
      .end();
  });

describe('the page of the status', () => {
  it('is served on loopback, and may load only its own script', async () => {
    const { url } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
    const { status, headers, body } = await get(url);
    expect([status, headers['content-security-policy']]).toEqual([
      200,
      expect.stringMatching(/^default-src 'none'/),
    ]);
    expect(body).toContain('src="page.js"');
  });

  it('is at most 300 KB, with everything that it needs', async () => {
    const { url } = await start();
    const { body } = await get(`${url}page.js`);
    expect(body).toContain('What Auto Scaling did');
    expect(Buffer.byteLength(body)).toBeLessThan(300_000);
  });

  it('is shown neither without its secret, nor to a page that reaches it under another name', async () => {
    const { url } = await start();
    expect((await get(new URL('/', url).href)).status).toBe(404);
    expect((await get(`${new URL(url).origin}/${'0'.repeat(32)}/`)).status).toBe(404);
    expect((await get(`${url}live`, 'attacker.example:80')).status).toBe(404);
    expect((await get(url, `localhost:${new URL(url).port}`)).status).toBe(200);
  });

  it('reads the status only while it is open, and says when that fails', async () => {
    let reads = 0;
    const { url } = await start(async () => {
      reads += 1;
      if (reads === 1) return LIVE;
      throw new Error('no network');
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reads).toBe(0);
    expect((await get(`${url}live`)).body).toBe(`event: message\ndata: ${JSON.stringify(LIVE)}\n\n`);
    expect((await get(`${url}live`)).body).toBe('event: failed\ndata: true\n\n');
  });

  it('ends with the command', async () => {
    const { url, closed } = await start();
    abort.abort();
    await closed;
    await expect(get(url)).rejects.toThrow(/ECONNREFUSED/);
  });
});
