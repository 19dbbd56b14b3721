import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeFolder } from '../../config/folder.js';
import { cachedFolder } from '../cached-folder.js';
import { daemonBundle } from './bundle.js';
import { buildDeb, type DebianPackage, debDigest } from './deb.js';
import { bridgePackage } from './packages/bridge.js';
import { focusPackage } from './packages/focus.js';
import { prosodyPackage } from './packages/prosody.js';
import { recorderPackage } from './packages/recorder.js';
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
 * Folder of the cache with the fakes of all releases, which are built the first time: another version of convoke has
 * another folder. @throws ConvokeError `FakeNotBuilt`, when `dpkg-deb` is missing or fails
 */
export async function fakesInCache(cache: string): Promise<string> {
  const digests = FAKE_RELEASES.flatMap((version) =>
    fakePackages({ version }).map((pkg) => debDigest(pkg, version)),
  );
  const key = createHash('sha256').update(digests.join()).digest('hex').slice(0, 12);
  return cachedFolder(join(cache, `fakes-${key}`), async (draft) => {
    for (const version of FAKE_RELEASES) await buildFakes(draft, { version });
  });
}

/**
 * Builds fakes of `jitsi-videobridge2`, `jicofo`, `jitsi-meet-web`, `jitsi-meet-prosody`, `jitsi-meet-tokens` and `jibri` in
 * a folder and returns the paths of the `.deb` files. The same version of convoke always builds identical files.
 * @throws ConvokeError `FakeNotBuilt`, when `dpkg-deb` is missing or fails
 */
export async function buildFakes(outDir: string, options: FakeOptions = {}): Promise<string[]> {
  makeFolder(outDir);
  const { version = FAKE_RELEASES[0] } = options;
  return Promise.all(fakePackages(options).map((pkg) => buildDeb(pkg, version, outDir)));
}

function fakePackages({ version = FAKE_RELEASES[0], broken }: FakeOptions): DebianPackage[] {
  return [
    bridgePackage(broken === 'bridge' ? NEVER_HEALTHY : daemonBundle('bridge'), version),
    focusPackage(daemonBundle('focus'), version),
    webPackage(),
    prosodyPackage(broken === 'prosody' ? { jiconop: 'os.exit(1);\n' } : {}),
    tokensPackage(),
    recorderPackage(daemonBundle('recorder')),
  ];
}

/** A bridge that runs and does not listen on any port. */
const NEVER_HEALTHY = 'setInterval(() => {}, 60_000);\n';
