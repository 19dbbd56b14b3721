import { join } from 'node:path';
import {
  BaseCredentials,
  type IIoHost,
  StackParameters,
  StackSelectionStrategy,
  Toolkit,
} from '@aws-cdk/toolkit-lib';
import type { StackEvent, StackStatus } from '@aws-sdk/client-cloudformation';
import type { Account } from '../cloud/account.js';
import { NEW_ROLE_PATIENCE_MS, NEW_ROLE_PAUSE_MS, untilAssumable } from '../cloud/assumable.js';
import { callerIdentity } from '../cloud/identity.js';
import { pause } from '../cloud/poll.js';
import { findStack } from '../cloud/stacks.js';
import type { Deployment } from '../config/deployment.js';
import { bootstrapStackName, recordingsStackName, roleName, stackName } from '../contract/names.js';
import type { ReleaseState } from '../contract/release.js';
import { BOUNDARY_PARAMETER } from '../contract/template.js';
import type { Held } from '../stack/held.js';
import { explainFailure } from './error-mapper.js';
import { isBounded } from './policy/boundary.js';
import { type OnProgress, resourceProgress } from './progress.js';
import { recoverStack } from './stack-recovery.js';
import { app } from './synthesize.js';
import { makeScratch } from './temporary-folder.js';

export interface DeployOptions {
  readonly account: Account;
  readonly deployment: Deployment;
  /** Values of the template's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The releases of Jitsi; undefined: machines install what their package source has when they start. */
  readonly releases: ReleaseState | undefined;
  /** Groups that go on launching what they launched before. Default: none. */
  readonly held?: Held | undefined;
  /**
   * Uses CloudFormation's express mode, which does not wait until resources are ready. Ignored when a certificate is
   * created, because a load balancer accepts only issued certificates.
   */
  readonly express?: boolean;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

export interface Deployed {
  /** Whether CloudFormation changed anything. */
  readonly changed: boolean;
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Deploys the bootstrap stack, that of recordings if there are any, and then the deployment's stack; an unchanged stack is skipped. A stack that an earlier
 * attempt left in a failed state is recovered first.
 */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  return withToolkit(options, async (toolkit, assembly, entering) => {
    let outputs: Record<string, string> = {};
    let changed = false;
    const { account, deployment, onProgress, signal } = options;
    const bounded = { [BOUNDARY_PARAMETER]: String(await isBounded(account, deployment)) };
    for (const [name, parameters] of [
      [bootstrapStackName(deployment.name), StackParameters.exactly(bounded)],
      // Before the machines that write to its bucket.
      ...(deployment.recording
        ? [[recordingsStackName(deployment.name), StackParameters.exactly({})] as const]
        : []),
      [stackName(deployment.name), StackParameters.exactly({ ...bounded, ...options.parameters })],
    ] as const) {
      entering(name);
      const stacks = { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [name] };
      const deployStack = async () => {
        await recoverStack({
          account,
          deployment: deployment.name,
          stack: name,
          goBack: async () => {
            // The bootstrap stack is convoke's own, so CDK's bootstrap version does not apply.
            await toolkit.rollback(assembly, { stacks, validateBootstrapStackVersion: false });
          },
          onProgress,
          ...(signal && { signal }),
        });
        signal?.throwIfAborted();
        return toolkit.deploy(assembly, {
          stacks,
          parameters,
          ...((await isExpress(options, name)) && EXPRESS),
          stackEventPollingInterval: account.pollInterval ?? 2_000,
        });
      };
      const result = await retryLostResponse(
        () => withNewRole(options, deployStack),
        () => {
          changed = true;
        },
      );
      const stack = result.stacks[0];
      outputs = { ...(stack?.outputs ?? {}) };
      changed ||= toolkit.changed;
      if (toolkit.changed && name === bootstrapStackName(deployment.name))
        await untilAssumable(account, await rolesOf(account, deployment), signal);
    }
    return { changed, outputs };
  });
}

/**
 * If the response to a request is lost, the SDK repeats the request, and CloudFormation refuses to create or execute
 * the same change set again. The deployment then continues from the existing change set.
 */
async function retryLostResponse<T>(work: () => Promise<T>, onLost: () => void): Promise<T> {
  for (let lost = 0; ; lost++) {
    try {
      return await work();
    } catch (error) {
      const asked = /ChangeSet \S+ (already exists|.*EXECUTE_(IN_PROGRESS|COMPLETE))/.test(String(error));
      // One lost response for creating the change set, and one for executing it.
      if (!asked || lost === 2) throw error;
      onLost();
    }
  }
}

/** Roles of the toolkit that CDK assumes for the rest. */
async function rolesOf(account: Account, { name }: Deployment): Promise<string[]> {
  const identity = await callerIdentity(account);
  return (['deploy', 'publish'] as const).map(
    (duty) => `arn:aws:iam::${identity.account}:role/${roleName(name, duty, account.region)}`,
  );
}

/** Repeats the work while CloudFormation cannot yet assume the role that the toolkit has just created. */
async function withNewRole<T>({ account, signal }: DeployOptions, work: () => Promise<T>): Promise<T> {
  const deadline = account.clock.now().getTime() + NEW_ROLE_PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isNew = /Role \S+ is invalid or cannot be assumed/.test(String(error));
      if (!isNew || account.clock.now().getTime() > deadline) throw error;
      await pause(account, NEW_ROLE_PAUSE_MS, signal);
    }
  }
}

/** Without `rollback`, express mode leaves a failed change half-applied. */
const EXPRESS = { express: true, rollback: true };

async function isExpress({ account, deployment, express }: DeployOptions, stack: string): Promise<boolean> {
  // The bootstrap stack's roles must be ready before they are used.
  if (!express || stack !== stackName(deployment.name)) return false;
  const makesCertificate = deployment.dns.kind === 'route53' && !deployment.certificate;
  return !makesCertificate || (await findStack(account, stack)) !== undefined;
}

class ReportingToolkit extends Toolkit {
  /** Whether the last deployment changed its stack. */
  changed = false;
}

async function withToolkit<T>(
  options: DeployOptions,
  work: (
    toolkit: ReportingToolkit,
    assembly: Awaited<ReturnType<Toolkit['fromAssemblyBuilder']>>,
    /** Records which stack is being deployed, so that the error describes the state of that stack. */
    entering: (stack: string) => void,
  ) => Promise<T>,
): Promise<T> {
  const { account, deployment } = options;
  const scratch = makeScratch();
  const failures: StackEvent[] = [];
  let atHand = '';
  const ioHost: IIoHost = {
    async notify(message) {
      const data = message.data as Record<string, unknown> | undefined;
      if (message.code === 'CDK_TOOLKIT_I5502') {
        const event = data?.event as StackEvent;
        const progress = data?.progress as { completed: number; total?: number };
        if (event.ResourceStatus?.endsWith('_FAILED')) failures.push(event);
        options.onProgress(resourceProgress(event, { completed: progress.completed, total: progress.total }));
      }
      if (message.code === 'CDK_TOOLKIT_I5900') toolkit.changed = data?.noOp !== true;
    },
    async requestResponse(message) {
      return message.defaultResponse;
    },
  };
  const toolkit: ReportingToolkit = new ReportingToolkit({
    ioHost,
    color: false,
    emojis: false,
    // The default is CDK's shared bootstrap stack, which is not used here.
    toolkitStackName: bootstrapStackName(deployment.name),
    sdkConfig: {
      baseCredentials: BaseCredentials.custom({ provider: account.credentials, region: account.region }),
    },
  });
  const restore = environment(account, scratch.path);
  try {
    const assembly = await toolkit.fromAssemblyBuilder(
      async () => app(deployment, join(scratch.path, 'assembly'), options.releases, options.held).app.synth(),
      {
        clobberEnv: false,
      },
    );
    return await work(toolkit, assembly, (stack) => {
      atHand = stack;
    });
  } catch (error) {
    throw explainFailure(error, failures, await stateOf(account, atHand));
  } finally {
    restore();
    scratch.remove();
  }
}

/** The state of a stack after a failure, if AWS still answers. */
const stateOf = async (account: Account, stack: string): Promise<StackStatus | undefined> =>
  stack ? (await findStack(account, stack).catch(() => undefined))?.StackStatus : undefined;

/**
 * toolkit-lib reads the endpoint, and the folders for its account cache and temporary files, only from the
 * environment. The cache must not be shared, because two clouds may issue the same access keys.
 */
function environment(account: Account, scratch: string): () => void {
  const wanted: Record<string, string | undefined> = {
    CDK_HOME: join(scratch, 'home'),
    TMPDIR: scratch,
    AWS_ENDPOINT_URL: account.endpoint,
  };
  const before = Object.fromEntries(Object.keys(wanted).map((key) => [key, process.env[key]]));
  const put = (values: Record<string, string | undefined>) => {
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[key];
      else process.env[key] = value;
    }
  };
  put(wanted);
  return () => put(before);
}
