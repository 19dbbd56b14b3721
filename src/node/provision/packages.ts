import type { MachineSpec } from '../../contract/machine-spec.js';
import { RECORDER_PACKAGE, type Release } from '../../contract/release.js';
import { aptGet, freshLists, missing, withoutStarting } from './apt.js';
import { fetchArchive, packageFiles } from './archive.js';
import { run } from './command.js';
import { addJitsiSource } from './jitsi-source.js';
import type { Log } from './log.js';
import { assertAvailable, versionsOf } from './release.js';

/** Debian packages on every machine: nftables restricts which processes may send where. */
export const EVERYWHERE = ['nftables'];

/**
 * Debian packages of a shard, whatever the source of Jitsi's packages. `lua-unbound` is Prosody's resolver, `openssl`
 * creates its certificate.
 */
export const DEBIAN = ['haproxy', 'nginx', 'prosody', 'lua-unbound', 'openssl'];

/** The TURN relay. */
export const TURN = ['coturn'];

const SHARD = ['jicofo', 'jitsi-meet-web', 'jitsi-meet-prosody'];
const BRIDGE = ['jitsi-videobridge2'];
/** Debian packages of a recorder: browser, encoder, display, window manager and sound. */
export const RECORDER_DEBIAN = [
  'chromium',
  'chromium-driver',
  'ffmpeg',
  'fonts-noto-color-emoji',
  'fonts-noto-core',
  'icewm',
  'openjdk-21-jre-headless',
  'pulseaudio',
  'xvfb',
];
const RECORDER = [RECORDER_PACKAGE];
/** For deployments whose participants log in with a token. */
const MEMBERS = ['jitsi-meet-tokens'];
/** All packages of Jitsi. */
export const JITSI = [...SHARD, ...BRIDGE, ...MEMBERS, ...RECORDER];

/** Source of Jitsi's packages: as specified for the machine, or a local folder. */
export type PackageSource = MachineSpec['packages'] | { readonly kind: 'folder'; readonly path: string };

export interface PackagePlan {
  /** Undefined: only Debian's packages. */
  readonly source: PackageSource | undefined;
  /** The versions to install. Undefined: the newest. */
  readonly release: Release | undefined;
  /** Edge, web server, Prosody and Jicofo. */
  readonly shard: boolean;
  readonly bridge: boolean;
  readonly recorder: boolean;
  /** Whether nobody joins a meeting without a token. */
  readonly members: boolean;
  /** Whether the shard relays media. */
  readonly turn: boolean;
  readonly region: string;
  /** Required by the maintainer scripts of Jitsi's packages. The configuration that they write is not used. */
  readonly domain: string;
}

/**
 * Installs packages that are missing, or of another version than the release's, without starting services. Jitsi's
 * are held, so that no unattended upgrade leaves a bridge and Jicofo on different releases.
 */
export async function installPackages(plan: PackagePlan, log: Log): Promise<void> {
  const debian = [
    ...EVERYWHERE,
    ...(plan.shard ? [...DEBIAN, ...(plan.turn ? TURN : [])] : []),
    ...(plan.recorder ? RECORDER_DEBIAN : []),
  ];
  const jitsi = plan.source ? jitsiPackages(plan) : [];
  const versions = new Map(Object.entries(plan.release?.packages ?? {}));
  const lacking = await missing([...debian, ...jitsi], versions);
  if (lacking.length === 0) return log('all packages are installed');
  log(`installing ${lacking.join(', ')}${plan.release ? ` of release ${plan.release.name}` : ''}`);
  await withoutStarting(async () => {
    const sources = await makeAvailable(
      plan,
      lacking.filter((name) => jitsi.includes(name)),
      log,
    );
    const wanted = lacking.map((name) => sources.get(name) ?? name);
    const versioned = plan.release ? ['--allow-downgrades', '--allow-change-held-packages'] : [];
    await aptGet(['install', '--no-install-recommends', ...versioned, ...wanted], log);
  });
  if (jitsi.length > 0) await run('apt-mark', ['hold', ...jitsi]);
}

/** The packages of Jitsi on a machine. */
export const jitsiPackages = ({
  shard,
  bridge,
  recorder,
  members,
}: Pick<PackagePlan, 'shard' | 'bridge' | 'recorder' | 'members'>): string[] => [
  ...(shard ? [...SHARD, ...(members ? MEMBERS : [])] : []),
  ...(bridge ? BRIDGE : []),
  ...(recorder ? RECORDER : []),
];

/**
 * Makes Jitsi's packages available to apt. Returns an argument for apt for each package whose name alone is not
 * enough: a file or a version.
 */
async function makeAvailable(
  plan: PackagePlan,
  names: readonly string[],
  log: Log,
): Promise<Map<string, string>> {
  const none = new Map<string, string>();
  if (!plan.source || names.length === 0) {
    await freshLists(log, { always: false });
    return none;
  }
  await run('debconf-set-selections', [], { input: answers(plan.domain) });
  const all = new Map(Object.entries(plan.release?.packages ?? {}));
  switch (plan.source.kind) {
    case 'folder': {
      await freshLists(log, { always: false });
      return packageFiles(plan.source.path, names, all);
    }
    case 'archive': {
      const { bucket, key } = plan.source;
      const lists = freshLists(log, { always: false });
      const [folder] = await Promise.all([fetchArchive({ region: plan.region, bucket, key }, log), lists]);
      return packageFiles(folder, names, all);
    }
    case 'official':
    case 'apt': {
      await addJitsiSource(plan.source, names);
      await freshLists(log, { always: true });
      const versions = await versionsFromRepository(plan.release, plan.source.release, names);
      return new Map([...versions].map(([name, version]) => [name, `${name}=${version}`]));
    }
  }
}

/** Versions of the release, or of the one that the source names; a package without one gets the newest. */
async function versionsFromRepository(
  release: Release | undefined,
  named: string | undefined,
  names: readonly string[],
): Promise<Map<string, string>> {
  if (!release) return named ? versionsOf(named, names) : new Map();
  const versions = new Map(
    names.flatMap((name) => {
      const version = release.packages[name];
      return version ? [[name, version] as const] : [];
    }),
  );
  await assertAvailable(versions);
  return versions;
}

/** Answers for debconf. A question without an answer would fail, because installation is not interactive. */
function answers(domain: string): string {
  const names = ['jitsi-videobridge2', 'jicofo', 'jitsi-meet-prosody'].map(
    (owner) => `${owner} jitsi-videobridge/jvb-hostname string ${domain}\n`,
  );
  return [
    ...names,
    'jitsi-meet-prosody jitsi-meet/cert-choice select Generate a new self-signed certificate\n',
    // Not used by convoke, so they are not secret.
    'jitsi-meet-tokens jitsi-meet-tokens/appid string unused\n',
    'jitsi-meet-tokens jitsi-meet-tokens/appsecret password unused\n',
  ].join('');
}
