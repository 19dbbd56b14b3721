import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { ConvokeError } from '../../contract/errors.js';
import { retry } from '../retry.js';
import { run } from './command.js';
import type { Log } from './log.js';

const LISTS = '/var/lib/apt/lists';
const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_TEXT = '#!/bin/sh\n# convoke: nothing starts before it is configured\nexit 101\n';

/**
 * Messages of apt, GnuPG and Sequoia about package lists without a valid signature: signed by another key, by an expired
 * one, or with an algorithm that is no longer accepted. Retrying does not help.
 */
const WRONGLY_SIGNED =
  /NO_PUBKEY|EXPKEYSIG|REVKEYSIG|Missing key|[Ee]xpired|Policy rejected|signature verification failed|is not signed/;

/** Runs `apt-get`; waits for other package managers' locks, and retries failing mirrors. */
export async function aptGet(args: readonly string[], log: Log): Promise<void> {
  const options = [
    '-q',
    '-y',
    '-o',
    'DPkg::Lock::Timeout=300',
    '-o',
    'Acquire::Retries=5',
    '-o',
    'Dpkg::Use-Pty=0',
    // Keep files that convoke wrote when a package brings its own.
    '-o',
    'Dpkg::Options::=--force-confold',
    // A machine that loses power during provisioning is replaced, so syncing to disk is unnecessary.
    '-o',
    'Dpkg::Options::=--force-unsafe-io',
  ];
  await retry(() => run('apt-get', [...options, ...args], { env: { DEBIAN_FRONTEND: 'noninteractive' } }), {
    attempts: 5,
    firstWait: 3_000,
    isFinal: isWronglySigned,
    onFailure: (error, pause) =>
      log(`apt-get ${args[0]} failed, retrying in ${pause / 1_000} s: ${String(error)}`),
  }).catch((error: unknown) => {
    throw isWronglySigned(error) ? wronglySigned(error) : error;
  });
}

const isWronglySigned = (error: unknown): error is ConvokeError =>
  error instanceof ConvokeError && WRONGLY_SIGNED.test(error.why);

function wronglySigned(cause: ConvokeError): ConvokeError {
  const source = /https?:\/\/[^\s']+/.exec(cause.why)?.[0] ?? 'a package source';
  return new ConvokeError('WronglySigned', {
    what: `The package lists of ${source} have no valid signature of the source's key.`,
    why: cause.why.split('\n').find((line) => WRONGLY_SIGNED.test(line)) ?? cause.why,
    now: 'If the key has expired or changed, set the current one under "packages" in convoke.yaml, or another source, and run "convoke up".',
    cause,
  });
}

/** Fetches the package lists, unless they are less than an hour old. */
export async function freshLists(log: Log, options: { always: boolean }): Promise<void> {
  if (!options.always && (await newestList()) > Date.now() - 3_600_000) return;
  await aptGet(['update'], log);
}

async function newestList(): Promise<number> {
  const names = await readdir(LISTS).catch(() => []);
  const times = names
    .filter((name) => name.endsWith('Release'))
    .map(async (name) => (await stat(`${LISTS}/${name}`)).ctimeMs);
  return Math.max(0, ...(await Promise.all(times)));
}

/** The given packages that are not installed, or not in the version that `versions` names for them. */
export async function missing(
  names: readonly string[],
  versions: ReadonlyMap<string, string> = new Map(),
): Promise<string[]> {
  const installed = await installedVersions();
  return names.filter((name) => {
    const version = installed.get(name);
    return version === undefined || version !== (versions.get(name) ?? version);
  });
}

/** The version of each installed package. */
export async function installedVersions(): Promise<Map<string, string>> {
  const list = await run('dpkg-query', [
    '--show',
    '--showformat',
    '${Package} ${Version} ${db:Status-Status}\n',
  ]);
  const rows = list.split('\n').map((line) => line.split(' '));
  return new Map(
    rows.filter(([, , status]) => status === 'installed').map(([name = '', version = '']) => [name, version]),
  );
}

/**
 * While `act` runs, packages may install services but not start them: their default configuration would occupy ports
 * and serve pages.
 */
export async function withoutStarting<T>(act: () => Promise<T>): Promise<T> {
  const before = await readFile(POLICY, 'utf8').catch(() => undefined);
  await writeFile(POLICY, POLICY_TEXT);
  await chmod(POLICY, 0o755);
  try {
    return await act();
  } finally {
    // An interrupted run may have left our file.
    if (before === undefined || before === POLICY_TEXT) await rm(POLICY, { force: true });
    else await writeFile(POLICY, before);
  }
}
