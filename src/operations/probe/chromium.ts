import { accessSync, chmodSync, constants, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { EndpointOverride } from '../../cloud/account.js';

/** Path of Chromium on this machine; undefined if it is not installed. `CONVOKE_CHROMIUM` names another. */
export function findChromium(): string | undefined {
  const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return [process.env.CONVOKE_CHROMIUM, ...usual].find((path) => {
    try {
      accessSync(path ?? '', constants.X_OK);
      return path !== undefined;
    } catch {
      return false;
    }
  });
}

/**
 * Starts Chromium where the media addresses can be reached: in a rehearsal, that is its own network. Camera and microphone
 * are Chromium's fakes: a moving picture, and a beep each second. `scratch`: a folder for its files.
 */
export function launcher(
  program: string,
  scratch: string,
  endpointOverride: EndpointOverride | undefined,
): () => Promise<Browser> {
  const executablePath = join(scratch, 'chromium');
  const command = [...(endpointOverride?.browser?.command ?? []), program].map(quoted).join(' ');
  writeFileSync(executablePath, `#!/bin/sh\nexec ${command} "$@"\n`);
  chmodSync(executablePath, 0o700);
  const args = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // Not fewer: the client treats a slower camera as broken.
    '--use-fake-device-for-media-stream=fps=15',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
    '--mute-audio',
    // Chromium does not trust a rehearsal's authority. The context's setting covers pages, but not TURN over TLS.
    ...(endpointOverride ? ['--ignore-certificate-errors'] : []),
    ...(endpointOverride?.browser ? [`--host-resolver-rules=${endpointOverride.browser.resolverRules}`] : []),
  ];
  // Chromium refuses to sandbox itself as root.
  const chromiumSandbox = process.getuid?.() !== 0;
  return async () => {
    // Imported here because it takes most of a second to load, and most commands start no browser.
    const { chromium } = await import('playwright-core');
    return chromium.launch({
      executablePath,
      args,
      chromiumSandbox,
      env: { ...process.env, TMPDIR: scratch },
    });
  };
}

const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
