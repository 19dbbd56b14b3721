import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { NODE_BUNDLE, WARM_UP_BUNDLE } from '../../src/stack/node-assets.js';

const KIB = 1024;

describe('what machines fetch', () => {
  it.each([
    ['every machine', NODE_BUNDLE, 1_450],
    ['a bridge, besides', WARM_UP_BUNDLE, 1_350],
  ])('%s: is no larger than it has to be', (_, file, most) => {
    expect(readFileSync(file).byteLength).toBeLessThan(most * KIB);
  });

  it('has WebRTC for bridges only', () => {
    const webRtc = /RTCPeerConnection=class\b/;
    expect(readFileSync(WARM_UP_BUNDLE, 'utf8')).toMatch(webRtc);
    expect(readFileSync(NODE_BUNDLE, 'utf8')).not.toMatch(webRtc);
    expect(readFileSync(NODE_BUNDLE, 'utf8')).toContain('import("./convoke-warm-up.mjs")');
  });

  it.each(['plainKeys', 'englishOnly', 'fromOtherBundle'])(
    'is not built when %s finds nothing',
    async (name) => {
      const plugins = await import(new URL('../../scripts/smaller.mjs', import.meta.url).href);
      const building = build({
        stdin: { contents: 'console.log(1)' },
        write: false,
        logLevel: 'silent',
        plugins: [plugins[name](/warm-up/, 'warm-up.mjs')],
      });
      await expect(building).rejects.toThrow(/Adapt scripts\//);
    },
  );
});
