import { resolve } from 'node:path';
import { describe } from 'vitest';
import type { Account } from '../../src/cloud/account.js';
import type { Deployment } from '../../src/config/deployment.js';
import { parseDeployment } from '../../src/config/load.js';
import { ConvokeError } from '../../src/contract/errors.js';
import { down } from '../../src/operations/down/down.js';
import { findChromium } from '../../src/operations/probe/chromium.js';
import { type UpResult, up } from '../../src/operations/up.js';
import { accountIn, endRehearsal, isRunning, startRehearsal } from '../../src/rehearsal/account.js';
import { openCloud } from '../../src/rehearsal/cloud.js';
import { rehearsedDeployment } from '../../src/rehearsal/packages.js';
import { paths } from '../../src/rehearsal/paths.js';

/** Ports on 127.0.0.1, other than those of the user's own rehearsal and of other tests. */
const PORTS = { aws: 4603, web: 4604 };

const folder = process.env.CONVOKE_PACKAGES;
const chromium = findChromium();

/** Chromium on this machine; searched for only if the suites run. */
export const CHROMIUM = chromium ?? '';

/** A suite about media. It is skipped if media is not possible, and its name says what is missing. */
export function describeMedia(name: string, suite: () => void): void {
  const missing = [
    ...(folder ? [] : ['CONVOKE_PACKAGES names no folder of Jitsi’s real packages']),
    ...(chromium ? [] : ['no Chromium is installed']),
  ];
  if (missing.length === 0) describe(name, suite);
  else describe.skip(`${name} (skipped: ${missing.join('; ')})`, suite);
}

/** A deployment of Jitsi's real packages on this machine. */
export interface Deployed {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly up: UpResult;
  /** Takes it away again, and the cloud with it, unless that was running before. */
  remove(): Promise<void>;
}

/** Brings up what the file says: domain, region and mail address are given. */
export async function deploy(domain: string, settings = ''): Promise<Deployed> {
  const file = parseDeployment(
    `domain: ${domain}\nregion: eu-central-1\nalerts: ops@example.org\npackages: {directory: ${JSON.stringify(resolve(folder ?? ''))}}\n${settings}`,
    'the suite',
  );
  const { deployment } = await rehearsedDeployment(file, paths());
  const onProgress = () => {};
  const ran = isRunning();
  const cloud =
    openCloud() ??
    (await startRehearsal(deployment.region, {
      ports: PORTS,
      prepare: { packages: deployment.packages.path, recorder: false },
      install: true,
      onProgress,
    }));
  const remove = async (account: Account) => {
    await down({ account, deployment, onProgress, when: 'now' });
    if (!ran) await endRehearsal();
  };
  const account = await accountIn(cloud, deployment);
  try {
    const result = await up({ account, deployment, onProgress });
    return { account, deployment, up: result, remove: () => remove(account) };
  } catch (error) {
    if (!ran) await endRehearsal();
    if (error instanceof ConvokeError) printMeasurements('not up', error.why);
    throw error;
  }
}

/** Prints measurements for docs/measurements.md. */
export function printMeasurements(what: string, measurements: unknown): void {
  process.stdout.write(`${what}: ${JSON.stringify(measurements)}\n`);
}
