import { mkdir } from 'node:fs/promises';
import { bundleDaemon } from './bundle.js';
import { buildDeb } from './deb.js';
import { bridgePackage } from './packages/bridge.js';
import { focusPackage } from './packages/focus.js';
import { prosodyPackage } from './packages/prosody.js';
import { tokensPackage } from './packages/tokens.js';
import { webPackage } from './packages/web.js';

/** Lower than any real version, so that a real package in the same folder always wins. */
export const FAKE_VERSION = '0.1~fake';

/** Whether a package version is a fake's. */
export function isFake(version: string): boolean {
  return version.endsWith('~fake');
}

/**
 * Builds fakes of `jitsi-videobridge2`, `jicofo`, `jitsi-meet-web`, `jitsi-meet-prosody` and `jitsi-meet-tokens` in a folder and gives
 * the paths of the `.deb` files. The same convoke always makes the same bytes.
 * @throws ConvokeError `FakeNotBuilt`, when `dpkg-deb` is missing or fails
 */
export async function buildFakes(outDir: string): Promise<string[]> {
  await mkdir(outDir, { recursive: true });
  const [bridge, focus] = await Promise.all([bundleDaemon('bridge'), bundleDaemon('focus')]);
  const packages = [
    bridgePackage(bridge, FAKE_VERSION),
    focusPackage(focus, FAKE_VERSION),
    webPackage(),
    prosodyPackage(),
    tokensPackage(),
  ];
  return Promise.all(packages.map((pkg) => buildDeb(pkg, FAKE_VERSION, outDir)));
}
