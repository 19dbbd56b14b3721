import type { MachineSpec } from '../../contract/machine-spec.js';
import { aptGet, freshLists, missing, withoutStarting } from './apt.js';
import { fetchArchive, packageFiles } from './archive.js';
import { run } from './command.js';
import type { Log } from './console.js';
import { addJitsiSource } from './jitsi-source.js';
import { releaseVersions } from './release.js';

/** Every machine's from Debian: tells the kernel who may send where. */
export const EVERYWHERE = ['nftables'];

/** A shard's from Debian, whatever the source of Jitsi's packages. `lua-unbound` is Prosody's resolver, `openssl` makes its certificate. */
export const DEBIAN = ['haproxy', 'nginx', 'prosody', 'lua-unbound', 'openssl'];

/** A relay for media. */
export const TURN = ['coturn'];

const SHARD = ['jicofo', 'jitsi-meet-web', 'jitsi-meet-prosody'];
const BRIDGE = ['jitsi-videobridge2'];
/** Where participants log in with a token. */
const MEMBERS = ['jitsi-meet-tokens'];
/** All of Jitsi's. */
export const JITSI = [...SHARD, ...BRIDGE, ...MEMBERS];

/** Where Jitsi's packages are to come from: as the machine was told, or a folder that is on the machine already. */
export type PackageSource = MachineSpec['packages'] | { readonly kind: 'folder'; readonly path: string };

export interface PackagePlan {
  /** Undefined: only what comes from Debian. */
  readonly source: PackageSource | undefined;
  /** Edge, web server, Prosody and Jicofo. */
  readonly shard: boolean;
  readonly bridge: boolean;
  /** Whether meetings are for members. */
  readonly members: boolean;
  /** Whether the shard relays media. */
  readonly turn: boolean;
  readonly region: string;
  /** Asked for by the scripts of Jitsi's packages. What they make of it is not used. */
  readonly domain: string;
}

/**
 * Installs what is missing and starts nothing. What is there already stays at its version: Jitsi's packages are held,
 * so that no unattended upgrade takes a bridge and a focus of different releases apart.
 */
export async function installPackages(plan: PackagePlan, say: Log): Promise<void> {
  const debian = [...EVERYWHERE, ...(plan.shard ? [...DEBIAN, ...(plan.turn ? TURN : [])] : [])];
  const shard = plan.shard ? [...SHARD, ...(plan.members ? MEMBERS : [])] : [];
  const jitsi = plan.source ? [...shard, ...(plan.bridge ? BRIDGE : [])] : [];
  const lacking = await missing([...debian, ...jitsi]);
  if (lacking.length === 0) return say('all packages are installed');
  say(`installing ${lacking.join(', ')}`);
  await withoutStarting(async () => {
    const sources = await makeAvailable(
      plan,
      lacking.filter((name) => jitsi.includes(name)),
      say,
    );
    const wanted = lacking.map((name) => sources.get(name) ?? name);
    await aptGet(['install', '--no-install-recommends', ...wanted], say);
  });
  if (jitsi.length > 0) await run('apt-mark', ['hold', ...jitsi]);
}

/** Makes packages of Jitsi's known to apt; answers with how apt is to be told of those that a name does not say enough of. */
async function makeAvailable(
  plan: PackagePlan,
  names: readonly string[],
  say: Log,
): Promise<Map<string, string>> {
  const none = new Map<string, string>();
  if (!plan.source || names.length === 0) {
    await freshLists(say, { always: false });
    return none;
  }
  await run('debconf-set-selections', [], { input: answers(plan.domain) });
  switch (plan.source.kind) {
    case 'folder': {
      await freshLists(say, { always: false });
      return packageFiles(plan.source.path, names);
    }
    case 'archive': {
      const { bucket, key } = plan.source;
      const lists = freshLists(say, { always: false });
      const [folder] = await Promise.all([fetchArchive({ region: plan.region, bucket, key }, say), lists]);
      return packageFiles(folder, names);
    }
    case 'official':
    case 'apt': {
      await addJitsiSource(plan.source, names);
      await freshLists(say, { always: true });
      return plan.source.release ? releaseVersions(plan.source.release, names) : none;
    }
  }
}

/** What the scripts of Jitsi's packages would ask. One that is not answered here fails, for nobody is there to be asked. */
function answers(domain: string): string {
  const names = ['jitsi-videobridge2', 'jicofo', 'jitsi-meet-prosody'].map(
    (owner) => `${owner} jitsi-videobridge/jvb-hostname string ${domain}\n`,
  );
  return [
    ...names,
    'jitsi-meet-prosody jitsi-meet/cert-choice select Generate a new self-signed certificate\n',
    // What the package makes of these is not used, so they are no secret.
    'jitsi-meet-tokens jitsi-meet-tokens/appid string unused\n',
    'jitsi-meet-tokens jitsi-meet-tokens/appsecret password unused\n',
  ].join('');
}
