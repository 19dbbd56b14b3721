import { makeFolder } from '../../config/folder.js';
import { bundleDaemon } from './bundle.js';
import { buildDeb } from './deb.js';
import { bridgePackage } from './packages/bridge.js';
import { focusPackage } from './packages/focus.js';
import { prosodyPackage } from './packages/prosody.js';
import { tokensPackage } from './packages/tokens.js';
import { webPackage } from './packages/web.js';

/**
 * The releases of the fakes, oldest first: two, so that an upgrade can be rehearsed. Lower than any real version, so
 * that a real package in the same folder always wins.
 */
export const FAKE_RELEASES = ['0.1~fake', '0.2~fake'] as const;

/** Whether a package version is a fake's. */
export function isFake(version: string): boolean {
  return version.endsWith('~fake');
}

export interface FakeOptions {
  /** Default: the oldest of {@link FAKE_RELEASES}. */
  readonly version?: string;
  /** A fault of this release, for tests: the bridge never becomes healthy, or Prosody exits at its start. */
  readonly broken?: 'bridge' | 'prosody';
}

/**
 * Builds fakes of `jitsi-videobridge2`, `jicofo`, `jitsi-meet-web`, `jitsi-meet-prosody` and `jitsi-meet-tokens` in a
 * folder and returns the paths of the `.deb` files. The same version of convoke always builds identical files.
 * @throws ConvokeError `FakeNotBuilt`, when `dpkg-deb` is missing or fails
 */
export async function buildFakes(
  outDir: string,
  { version = FAKE_RELEASES[0], broken }: FakeOptions = {},
): Promise<string[]> {
  makeFolder(outDir);
  const [bridge, focus] = await Promise.all([bundleDaemon('bridge'), bundleDaemon('focus')]);
  const packages = [
    bridgePackage(broken === 'bridge' ? NEVER_HEALTHY : bridge, version),
    focusPackage(focus, version),
    webPackage(),
    prosodyPackage(broken === 'prosody' ? { jiconop: 'os.exit(1);\n' } : {}),
    tokensPackage(),
  ];
  return Promise.all(packages.map((pkg) => buildDeb(pkg, version, outDir)));
}

/** A bridge that runs and does not listen on any port. */
const NEVER_HEALTHY = 'setInterval(() => {}, 60_000);\n';
