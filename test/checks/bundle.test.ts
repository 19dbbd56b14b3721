import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { NODE_BUNDLE, RECORDING_BUNDLE, WARM_UP_BUNDLE } from '../../src/stack/node-files.js';

const KIB = 1024;

describe('the bundles that machines download', () => {
  it.each([
    ['all machines', NODE_BUNDLE, 1_600],
    ['machines with a bridge in addition', WARM_UP_BUNDLE, 1_350],
    ['recorders in addition', RECORDING_BUNDLE, 720],
  ])('stay within their size (%s)', (_, file, maximum) => {
    expect(readFileSync(file).byteLength).toBeLessThan(maximum * KIB);
  });

  it('contain WebRTC in a file that only machines with a bridge fetch', () => {
    const webRtc = /RTCPeerConnection=class\b/;
    expect(readFileSync(WARM_UP_BUNDLE, 'utf8')).toMatch(webRtc);
    expect(readFileSync(NODE_BUNDLE, 'utf8')).not.toMatch(webRtc);
    expect(readFileSync(NODE_BUNDLE, 'utf8')).toContain('import("./convoke-warm-up.mjs")');
  });

  it.each(['plainKeys', 'englishOnly', 'fromOtherBundle'])(
    'are not built if the plugin %s finds nothing to replace',
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
