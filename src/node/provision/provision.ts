import { AGENT_USER } from '../../contract/machine-layout.js';
import { describeMachine, type MachineSpec } from '../../contract/machine-spec.js';
import { lowerFlag } from '../cluster-members/saved.js';
import { BridgePasswords, type Facts, readSpec, ShardPasswords } from '../facts.js';
import { enabledUnits } from '../render/convoke-units.js';
import { DAEMONS } from '../render/file.js';
import { daemons, EDGE_DAEMONS, edgeFiles, isShard, render } from '../render/index.js';
import { apply } from './apply.js';
import { ensureCertificate } from './certificate.js';
import { run, succeeds } from './command.js';
import type { Log } from './console.js';
import { discoverFacts, savedEdgeFacts, savedFacts } from './learn.js';
import { fetchLogo } from './logo.js';
import { installPackages, type PackagePlan } from './packages.js';
import { savedPasswords, savePasswords } from './saved-passwords.js';
import { waitUntilServing } from './serving.js';
import { informRunning, informSystem, start } from './units.js';

/**
 * From a bare Debian 13 to a machine that serves: packages, configuration, daemons. A second run changes nothing and
 * restarts nothing unless a file differs.
 */
export async function provision(say: Log): Promise<void> {
  const began = Date.now();
  const spec = await readSpec();
  say(`provisioning ${describeMachine(spec)} of ${spec.domain}`);
  const [facts] = await Promise.all([discoverFacts(spec, say), installPackages(packagePlan(spec), say)]);
  await savePasswords(facts.passwords);
  if (isShard(facts)) await ensureCertificate(spec.domain);
  await ensureAgentUser();
  await configure(facts, say);
  if (spec.role === 'shard') await fetchLogo(spec, say);
  await start(daemons(spec), enabledUnits(spec), say);
  await waitUntilServing(facts, say);
  say(`provisioned in ${Math.round((Date.now() - began) / 1_000)} s`);
}

/**
 * What can be done before a machine knows which it is, for a machine image: packages are installed, and nothing starts
 * at boot. `packages` is a folder of `.deb` files; without it and without a specification only Debian's are installed.
 */
export async function prepare(options: { packages?: string | undefined }, say: Log): Promise<void> {
  const spec = await readSpec().catch(() => undefined);
  const plan = spec
    ? packagePlan(spec)
    : {
        source: undefined,
        shard: true,
        bridge: true,
        members: false,
        turn: true,
        region: '',
        domain: 'convoke.invalid',
      };
  const folder =
    options.packages === undefined ? {} : { source: { kind: 'folder', path: options.packages } as const };
  await installPackages({ ...plan, ...folder }, say);
  for (const daemon of DAEMONS) await succeeds('systemctl', ['disable', '--quiet', daemon]);
  await run('apt-get', ['clean']);
  say('prepared');
}

function packagePlan(spec: MachineSpec): PackagePlan {
  return {
    source: spec.packages,
    shard: spec.role === 'shard',
    bridge: spec.role === 'bridge' || spec.colocatedBridge,
    members: spec.role === 'shard' && spec.access === 'members',
    turn: spec.role === 'shard' && spec.turn,
    region: spec.region,
    domain: spec.domain,
  };
}

/** At boot, before the daemons: the addresses may be new. Needs the metadata service and nothing else. */
export async function renderAgain(say: Log): Promise<void> {
  const spec = await readSpec();
  const saved = await savedPasswords<Facts['passwords']>(
    spec.role === 'shard' ? ShardPasswords : BridgePasswords,
  );
  if (!saved) return say('not provisioned yet: nothing to render');
  await configure(await savedFacts(spec, saved, say), say);
}

/** When others came or went: the edge learns of them, and nothing else on the machine is touched. */
export async function renderEdge(say: Log): Promise<void> {
  // First: whoever finds others from now on raises it anew.
  await lowerFlag();
  const spec = await readSpec();
  const saved = await savedPasswords(ShardPasswords);
  if (spec.role !== 'shard' || !saved) return say('not a shard that was provisioned: nothing to render');
  const facts = await savedEdgeFacts(spec, saved);
  if (facts) await informRunning(EDGE_DAEMONS, await apply(edgeFiles(facts)), say);
}

async function ensureAgentUser(): Promise<void> {
  if (await succeeds('getent', ['passwd', AGENT_USER])) return;
  await run('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    AGENT_USER,
  ]);
}

async function configure(facts: Facts, say: Log): Promise<void> {
  const changed = await apply(render(facts));
  say(
    changed.size === 0
      ? 'configuration is as it was'
      : `configuration written for ${[...changed].join(', ')}`,
  );
  await informSystem(changed, say);
  await informRunning(daemons(facts.spec), changed, say);
}
