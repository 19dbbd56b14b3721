import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import waitFor from 'p-wait-for';
import { ConvokeError } from '../../config/errors.js';
import { instanceCredentials } from '../credentials.js';
import { type Facts, type Passwords, readSpec, readSurroundings } from '../facts.js';
import { duty, type MachineSpec } from '../machine-spec.js';
import { instanceMetadata } from '../metadata.js';
import { EDGE_HEALTH_PATH, PORTS } from '../ports.js';
import { DAEMONS } from '../render/file.js';
import { daemons, render } from '../render/index.js';
import { AGENT_USER } from '../render/systemd.js';
import { passwords, readSeed } from '../secrets.js';
import { apply } from './apply.js';
import { ensureCertificate } from './certificate.js';
import { run, succeeds } from './command.js';
import type { Say } from './console.js';
import { fetchLogo } from './logo.js';
import { installPackages, type PackagePlan } from './packages.js';
import { savedPasswords, savePasswords } from './saved-passwords.js';
import { informRunning, informSystem, start } from './units.js';

/**
 * From a bare Debian 13 to a cell that serves: packages, configuration, daemons. A second run changes nothing and
 * restarts nothing unless a file differs.
 */
export async function provision(say: Say): Promise<void> {
  const began = Date.now();
  const spec = await readSpec();
  say(`provisioning ${duty(spec)} of ${spec.domain}`);
  const [facts] = await Promise.all([learn(spec), installPackages(packagePlan(spec), say)]);
  await savePasswords(facts.passwords);
  await ensureCertificate(spec.domain);
  await ensureAgentUser();
  await configure(facts, say);
  if (spec.role === 'cell') await fetchLogo(spec, say);
  await start(daemons(spec), say);
  await untilServing();
  say(`provisioned in ${Math.round((Date.now() - began) / 1_000)} s`);
}

/**
 * What can be done before a machine knows which it is, for a machine image: packages are installed, and nothing starts
 * at boot. `packages` is a folder of `.deb` files; without it and without a specification only Debian's are installed.
 */
export async function prepare(options: { packages?: string | undefined }, say: Say): Promise<void> {
  const spec = await readSpec().catch(() => undefined);
  const plan = spec
    ? packagePlan(spec)
    : { source: undefined, bridge: true, members: false, region: '', domain: 'convoke.invalid' };
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
    bridge: spec.role === 'bridge' || spec.bridgeOnBoard,
    members: spec.role === 'cell' && spec.access === 'members',
    region: spec.region,
    domain: spec.domain,
  };
}

/** At boot, before the daemons: the addresses may be new. Needs the metadata service and nothing else. */
export async function renderAgain(say: Say): Promise<void> {
  const spec = await readSpec();
  const saved = await savedPasswords();
  if (!saved) return say('not provisioned yet: nothing to render');
  await configure(await learn(spec, saved), say);
}

async function learn(spec: MachineSpec, saved?: Passwords): Promise<Facts> {
  const client = () =>
    new SecretsManagerClient({ region: spec.region, credentials: instanceCredentials, maxAttempts: 8 });
  const [surroundings, secrets] = await Promise.all([
    readSurroundings(instanceMetadata()),
    saved ?? readSeed(client(), spec.secret).then(passwords),
  ]);
  return { spec, surroundings, passwords: secrets, neighbours: [] };
}

async function ensureAgentUser(): Promise<void> {
  if (await succeeds('getent', ['passwd', AGENT_USER])) return;
  await run('useradd', [
    '--system',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    AGENT_USER,
  ]);
}

async function configure(facts: Facts, say: Say): Promise<void> {
  const changed = await apply(render(facts));
  say(
    changed.size === 0
      ? 'configuration is as it was'
      : `configuration written for ${[...changed].join(', ')}`,
  );
  await informSystem(changed, say);
  await informRunning(daemons(facts.spec), changed, say);
}

/** The load balancer asks the same question. Until it is answered with yes the machine is of no use. */
async function untilServing(): Promise<void> {
  const serves = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${PORTS.edge}${EDGE_HEALTH_PATH}`, {
      signal: AbortSignal.timeout(2_000),
    }).catch(() => undefined);
    return answer?.ok === true;
  };
  await waitFor(serves, { interval: 250, timeout: 60_000 }).catch((cause: unknown) => {
    throw new ConvokeError('EdgeNotServing', {
      what: 'The daemons were started, but the edge did not get healthy within 60 s.',
      why: 'HAProxy calls itself healthy once its nginx answers.',
      now: 'Read "journalctl -u haproxy -u nginx" on the machine.',
      cause,
    });
  });
}
