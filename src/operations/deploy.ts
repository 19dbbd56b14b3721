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
import { NEW_ROLE_PATIENCE_MS, newRolePause, untilAssumable } from '../cloud/assumable.js';
import { callerIdentity } from '../cloud/identity.js';
import { findStack } from '../cloud/stacks.js';
import type { Deployment } from '../config/deployment.js';
import { bootstrapStackName, roleName, stackName } from '../contract/names.js';
import { BOUNDARY_PARAMETER } from '../stack/boundary.js';
import { explainFailure } from './error-mapper.js';
import { isBounded } from './policy/boundary.js';
import { type OnProgress, resourceProgress } from './progress.js';
import { recoverStack } from './stack-recovery.js';
import { app } from './synthesize.js';
import { makeScratch } from './temporary-folder.js';

export interface DeployOptions {
  readonly account: Account;
  readonly deployment: Deployment;
  /** What only the account knows, by the names of the template's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /**
   * Has CloudFormation end when everything is asked for, and not wait until it is ready. Ignored for a deployment that is
   * made anew with its certificate: a load balancer takes none that is not issued yet.
   */
  readonly express?: boolean;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

export interface Deployed {
  /** Whether anything had to change. */
  readonly changed: boolean;
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Deploys the toolkit and then the deployment itself; each does nothing where nothing changed. What an earlier attempt
 * left half-way is brought to where it can be deployed from first.
 */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  return withToolkit(options, async (toolkit, assembly, entering) => {
    let outputs: Record<string, string> = {};
    let changed = false;
    const { account, deployment, onProgress, signal } = options;
    const bounded = { [BOUNDARY_PARAMETER]: String(await isBounded(account, deployment)) };
    for (const [name, parameters] of [
      [bootstrapStackName(deployment.name), StackParameters.exactly(bounded)],
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
            // The toolkit was deployed by this very program; CDK's numbers of versions say nothing about it.
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
          stackEventPollingInterval: account.endpoint ? 300 : 2_000,
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
 * CloudFormation refuses to make, or to carry out, a change set that it has made or carried out already. That is so where
 * the answer to the first request was lost on the way, and the SDK asked again; then the deployment goes on from there.
 */
async function retryLostResponse<T>(work: () => Promise<T>, onLost: () => void): Promise<T> {
  for (let lost = 0; ; lost++) {
    try {
      return await work();
    } catch (error) {
      const asked = /ChangeSet \S+ (already exists|.*EXECUTE_(IN_PROGRESS|COMPLETE))/.test(String(error));
      // One answer for each of the two.
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

/** Does work again while CloudFormation says that it cannot assume the role that the toolkit has just made for it. */
async function withNewRole<T>({ account, signal }: DeployOptions, work: () => Promise<T>): Promise<T> {
  const deadline = account.clock.now().getTime() + NEW_ROLE_PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isNew = /Role \S+ is invalid or cannot be assumed/.test(String(error));
      if (!isNew || account.clock.now().getTime() > deadline) throw error;
      await account.clock.wait(newRolePause(account), signal);
    }
  }
}

/** Express mode would leave a change that fails half-way, unless it is told to go back. */
const EXPRESS = { express: true, rollback: true };

async function isExpress({ account, deployment, express }: DeployOptions, stack: string): Promise<boolean> {
  // The roles that the rest is made with have to be ready.
  if (!express || stack !== stackName(deployment.name)) return false;
  const makesCertificate = deployment.dns.kind === 'route53' && !deployment.certificate;
  return !makesCertificate || (await findStack(account, stack)) !== undefined;
}

class ReportingToolkit extends Toolkit {
  /** Whether the last stack deployed was changed by it. */
  changed = false;
}

async function withToolkit<T>(
  options: DeployOptions,
  work: (
    toolkit: ReportingToolkit,
    assembly: Awaited<ReturnType<Toolkit['fromAssemblyBuilder']>>,
    /** Says which stack is at hand, so that a failure is explained by what is left of it. */
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
    // Else it looks for CDK's shared one, which is nobody's business here.
    toolkitStackName: bootstrapStackName(deployment.name),
    sdkConfig: {
      baseCredentials: BaseCredentials.custom({ provider: account.credentials, region: account.region }),
    },
  });
  const restore = environment(account, scratch.path);
  try {
    const assembly = await toolkit.fromAssemblyBuilder(
      async () => app(deployment, join(scratch.path, 'assembly')).app.synth(),
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

/** The state of a stack after a failure, where AWS still answers. */
const stateOf = async (account: Account, stack: string): Promise<StackStatus | undefined> =>
  stack ? (await findStack(account, stack).catch(() => undefined))?.StackStatus : undefined;

/**
 * toolkit-lib takes an endpoint, and the folders for its cache of account numbers and its temporary files, from the
 * environment only. The cache must not be shared: two clouds may hand out the same keys.
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
