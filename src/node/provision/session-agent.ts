import { rm, writeFile } from 'node:fs/promises';
import { aptGet, missing, withoutStarting } from './apt.js';
import { run, succeeds } from './command.js';
import { type Log, sentence } from './log.js';

const PACKAGE = 'amazon-ssm-agent';
const FILE = '/var/cache/amazon-ssm-agent.deb';
const TIMEOUT_MS = 120_000;

/**
 * The package of AWS Systems Manager's agent, in AWS's bucket of the region (Systems Manager user guide, "Manually installing SSM
 * Agent on Debian Server instances"). `architecture`: Debian's name.
 */
export const agentUrl = (region: string, architecture: string): string =>
  `https://s3.${region}.amazonaws.com/amazon-ssm-${region}/latest/debian_${architecture}/${PACKAGE}.deb`;

/**
 * Installs the agent through which Session Manager opens a shell, without starting it. The download is protected by TLS:
 * it comes from AWS's own bucket, and Debian has no such package.
 */
export async function installSessionAgent(region: string, log: Log): Promise<void> {
  if ((await missing([PACKAGE])).length === 0) return;
  const architecture = await run('dpkg', ['--print-architecture']);
  const url = agentUrl(region, architecture.trim());
  log(`installing ${url}`);
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  await writeFile(FILE, Buffer.from(await answer.arrayBuffer()));
  try {
    await withoutStarting(() => aptGet(['install', '--no-install-recommends', FILE], log));
  } finally {
    await rm(FILE, { force: true });
  }
}

/** Starts the agent, and installs it if it is missing. Without it a machine serves, so this never fails provisioning. */
export async function startSessionAgent(region: string, log: Log): Promise<void> {
  try {
    await installSessionAgent(region, log);
    await run('systemctl', ['enable', '--now', '--quiet', PACKAGE]);
  } catch (error) {
    log(`"convoke shell" cannot open a shell here: ${sentence(error)}`);
  }
}

/** For a machine image: the agent of the next machine starts and registers itself when that one is provisioned. */
export const disableSessionAgent = (): Promise<boolean> =>
  succeeds('systemctl', ['disable', '--now', '--quiet', PACKAGE]);
