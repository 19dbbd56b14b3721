import { setTimeout } from 'node:timers/promises';
import { needsTokens } from '../../contract/access.js';
import { AGENT_USER } from '../../contract/machine-layout.js';
import { describeMachine, hasBridge, type MachineSpec } from '../../contract/machine-spec.js';
import { clearChangedFlag } from '../cluster-members/saved.js';
import {
  BridgePasswords,
  type Facts,
  type RecorderFacts,
  RecorderPasswords,
  readSpec,
  type ShardFacts,
  ShardPasswords,
} from '../facts.js';
import { enabledUnits, LOGS } from '../render/convoke-units.js';
import { DAEMONS } from '../render/file.js';
import { DAEMONS_OF_MEMBERS, daemons, isShard, memberFiles, render } from '../render/index.js';
import { logsUnit } from '../render/systemd.js';
import { apply } from './apply.js';
import { ensureCertificate } from './certificate.js';
import { run, succeeds } from './command.js';
import { discoverFacts, savedFacts, savedFactsOfMembers } from './gather-facts.js';
import { installPatiently } from './install-patiently.js';
import { completeLaunch } from './launch-hook.js';
import { type Log, sentence } from './log.js';
import { fetchLogo } from './logo.js';
import { installPackages, type PackagePlan } from './packages.js';
import { savedPasswords, savePasswords } from './saved-passwords.js';
import { waitUntilServing } from './serving.js';
import { startSessionAgent } from './session-agent.js';
import { reloadRunning, reloadSystem, start } from './units.js';

/** Shortest time between the launches of two machines that fail, from the start of provisioning. */
const BETWEEN_LAUNCHES_MS = 2 * 60_000;

/**
 * Turns a plain Debian 13 into a machine that serves: packages, configuration, daemons. A second run changes nothing,
 * and restarts a daemon only if its files differ.
 */
export async function provision(log: Log): Promise<void> {
  const began = Date.now();
  const spec = await readSpec();
  log(`provisioning ${describeMachine(spec)} of ${spec.domain}`);
  await startLogs(log);
  await installAndStart(spec, log);
  await completeLaunch(spec, 'CONTINUE', log);
  if (spec.shell) await startSessionAgent(spec.region, log);
  log(`provisioned in ${Math.round((Date.now() - began) / 1_000)} s`);
}

/**
 * Has Auto Scaling replace this machine, because provisioning failed. Not before this process is two minutes old: Auto
 * Scaling launches the next machine at once, and without end, and the cause may concern that one as well.
 */
export async function abandonLaunch(log: Log): Promise<void> {
  const spec = await readSpec().catch(() => undefined);
  if (!spec) return;
  await setTimeout(Math.max(0, BETWEEN_LAUNCHES_MS - process.uptime() * 1_000));
  await completeLaunch(spec, 'ABANDON', log);
}

async function installAndStart(spec: MachineSpec, log: Log): Promise<void> {
  const [facts] = await Promise.all([discoverFacts(spec, log), installPatiently(packagePlan(spec), log)]);
  await savePasswords(facts.passwords);
  if (isShard(facts)) await ensureCertificate(spec.domain);
  await ensureAgentUser();
  await configure(facts, log);
  if (spec.role === 'shard') await fetchLogo(spec, log);
  await start(daemons(spec), enabledUnits(spec), log);
  await waitUntilServing(facts, log);
}

/**
 * The part of provisioning that is the same for all machines, for a machine image: packages are installed, and
 * nothing starts at boot. `recorder`: also what recorders need. `packages` is a folder of `.deb` files; without it and without a specification only
 * Debian's packages are installed.
 */
export async function prepare(
  options: { packages?: string | undefined; recorder?: boolean | undefined },
  log: Log,
): Promise<void> {
  const spec = await readSpec().catch(() => undefined);
  const plan = spec
    ? packagePlan(spec)
    : {
        source: undefined,
        release: undefined,
        shard: true,
        bridge: true,
        recorder: options.recorder === true,
        members: false,
        turn: true,
        region: '',
        domain: 'convoke.invalid',
      };
  const folder =
    options.packages === undefined ? {} : { source: { kind: 'folder', path: options.packages } as const };
  await installPackages({ ...plan, ...folder }, log);
  for (const daemon of DAEMONS) await succeeds('systemctl', ['disable', '--quiet', daemon]);
  await run('apt-get', ['clean']);
  log('prepared');
}

function packagePlan(spec: MachineSpec): PackagePlan {
  return {
    source: spec.packages,
    release: spec.release,
    shard: spec.role === 'shard',
    bridge: hasBridge(spec),
    recorder: spec.role === 'recorder',
    members: spec.role === 'shard' && needsTokens(spec.access),
    turn: spec.role === 'shard' && spec.turn,
    region: spec.region,
    domain: spec.domain,
  };
}

const PASSWORDS = { shard: ShardPasswords, bridge: BridgePasswords, recorder: RecorderPasswords } as const;

/** Runs at boot before the daemons, because addresses may have changed. Needs only the metadata service. */
export async function renderAgain(log: Log): Promise<void> {
  const spec = await readSpec();
  const saved = await savedPasswords<Facts['passwords']>(PASSWORDS[spec.role]);
  if (!saved) return log('not provisioned yet; nothing to render');
  await configure(await savedFacts(spec, saved, log), log);
}

/** Runs when other machines joined or left: only what lists them is updated, the edge or where a recorder logs in. */
export async function renderMembers(log: Log): Promise<void> {
  // First, so that a list that is saved from now on sets the flag again.
  await clearChangedFlag();
  const spec = await readSpec();
  const facts = await factsOfMembers(spec);
  if (!facts) return log('no provisioned shard or recorder; nothing to render');
  await reloadRunning(DAEMONS_OF_MEMBERS, await apply(memberFiles(facts)), log);
}

async function factsOfMembers(spec: MachineSpec): Promise<ShardFacts | RecorderFacts | undefined> {
  if (spec.role === 'bridge') return undefined;
  if (spec.role === 'shard') {
    const saved = await savedPasswords(ShardPasswords);
    return saved && savedFactsOfMembers(spec, saved);
  }
  const saved = await savedPasswords(RecorderPasswords);
  return saved && savedFactsOfMembers(spec, saved);
}

/** Sends lines to the log group from now on. Without it a machine can serve, so it never fails provisioning. */
async function startLogs(log: Log): Promise<void> {
  try {
    await ensureAgentUser();
    await reloadSystem(await apply([logsUnit()]), log);
    await run('systemctl', ['start', LOGS.name]);
  } catch (error) {
    log(`lines of the journal are not sent: ${sentence(error)}`);
  }
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

async function configure(facts: Facts, log: Log): Promise<void> {
  const changed = await apply(render(facts));
  log(
    changed.size === 0 ? 'configuration unchanged' : `configuration written for ${[...changed].join(', ')}`,
  );
  await reloadSystem(changed, log);
  await reloadRunning(daemons(facts.spec), changed, log);
}
