import type { Account } from '../../cloud/account.js';
import { instanceTypes } from '../../cloud/instance-types.js';
import {
  groupLimits,
  othersBalancers,
  othersMachines,
  othersVpcs,
  quota,
  type RunningMachine,
} from '../../cloud/quotas.js';
import type { Deployment } from '../../config/deployment.js';
import { stackName, turnBalancerName } from '../../contract/names.js';
import { type Demand, demands } from './demand.js';
import { type Finding, finding, fine, unknown, wrong } from './finding.js';

/**
 * The standard instance families, which share a vCPU quota, by the letters before the generation
 * (https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html), and its codes in Service Quotas.
 */
const STANDARD = {
  families: ['a', 'c', 'd', 'h', 'i', 'im', 'is', 'm', 'r', 't', 'z'],
  onDemand: 'L-1216C47A',
  spot: 'L-34B43A08',
};

/** Codes in Service Quotas of resources that a deployment has one of. */
const VPCS = { service: 'vpc', code: 'L-F678F1CE' };
const BALANCERS = { service: 'elasticloadbalancing', application: 'L-53DA6B97', network: 'L-69A177A2' };

/** A quota, its use without this deployment, and the maximum that this deployment adds. */
export interface Room {
  readonly subject: string;
  /** `NaN` if unknown. */
  readonly most: number;
  readonly now: number;
  readonly wanted: number;
}

export function judgeRoom({ subject, most, now, wanted }: Room): Finding {
  const sum = `${wanted} at most, in addition to ${now} in use`;
  if (!Number.isFinite(most) || !Number.isFinite(now))
    return unknown(subject, 'AWS did not return the quota');
  if (now + wanted <= most) return fine(subject, `${sum}; ${most} allowed`);
  return wrong(
    subject,
    `${sum}; only ${most} allowed`,
    `Request an increase to ${now + wanted} (Service Quotas; usually granted within a day), or reduce the size.`,
  );
}

/** Input of the vCPU quota checks. */
export interface VcpuFacts {
  readonly demands: readonly Demand[];
  /** vCPUs of each demanded type that exists in the region. */
  readonly vcpus: ReadonlyMap<string, number>;
  readonly others: readonly RunningMachine[];
  /** Quotas of the standard families; `NaN` if unknown. */
  readonly most: { readonly onDemand: number; readonly spot: number };
}

/** Each demand counts with its largest type, because Auto Scaling may use only that one. */
export function judgeVcpus({ demands, vcpus, others, most }: VcpuFacts): Finding[] {
  const found: Finding[] = [];
  const foreign = demands.flatMap(({ types }) => types).filter((type) => !isStandard(type));
  if (foreign.length > 0) {
    found.push(
      unknown(
        'quota of vCPUs',
        `${foreign.join(', ')} count${foreign.length > 1 ? '' : 's'} against a separate quota of its instance family`,
        'Check it in the AWS console: Service Quotas, Amazon EC2.',
      ),
    );
  }
  for (const [kind, subject] of [
    ['onDemand', 'quota of on-demand vCPUs'],
    ['spot', 'quota of spot vCPUs'],
  ] as const) {
    const wanted = demands.reduce(
      (sum, demand) =>
        sum + demand[kind] * Math.max(0, ...demand.types.filter(isStandard).map((t) => vcpus.get(t) ?? 0)),
      0,
    );
    if (wanted === 0) continue;
    const now = others
      .filter(({ type, spot }) => isStandard(type) && spot === (kind === 'spot'))
      .reduce((sum, machine) => sum + machine.vcpus, 0);
    found.push(judgeRoom({ subject, most: most[kind], now, wanted }));
  }
  return found;
}

const isStandard = (type: string): boolean => STANDARD.families.includes(/^([a-z]+)\d/.exec(type)?.[1] ?? '');

const vcpus = (account: Account, deployment: Deployment): Promise<Finding[]> =>
  finding(
    'quota of vCPUs',
    async () => {
      const wanted = demands(deployment);
      const [types, others, onDemand, spot] = await Promise.all([
        instanceTypes(account, [...new Set(wanted.flatMap((demand) => demand.types))]),
        othersMachines(account, deployment.name),
        quota(account, 'ec2', STANDARD.onDemand),
        wanted.some((demand) => demand.spot > 0) ? quota(account, 'ec2', STANDARD.spot) : Number.NaN,
      ]);
      return {
        demands: wanted,
        vcpus: new Map(types.map((type) => [type.name, type.vcpus])),
        others,
        most: { onDemand, spot },
      };
    },
    judgeVcpus,
  );

/** Whether the quotas allow the deployment at its maximum size. */
export async function quotas(account: Account, deployment: Deployment): Promise<Finding[]> {
  const room = (what: string, look: () => Promise<Omit<Room, 'subject'>>) => {
    const subject = `quota of ${what}`;
    return finding(subject, look, (facts) => [judgeRoom({ subject, ...facts })]);
  };
  const balancers = (kind: 'application' | 'network', own: string) =>
    room(`${kind} load balancers`, async () => {
      const [most, now] = await Promise.all([
        quota(account, BALANCERS.service, BALANCERS[kind]),
        othersBalancers(account, kind, own),
      ]);
      return { most, now, wanted: 1 };
    });
  const { name } = deployment;
  const found = await Promise.all([
    vcpus(account, deployment),
    room('VPCs', async () => {
      const [most, now] = await Promise.all([
        quota(account, VPCS.service, VPCS.code),
        othersVpcs(account, name),
      ]);
      return { most, now, wanted: 1 };
    }),
    balancers('application', stackName(name)),
    ...(deployment.turn ? [balancers('network', turnBalancerName(name))] : []),
    room('Auto Scaling groups', async () => ({
      ...(await groupLimits(account, name)),
      wanted: deployment.shards + (deployment.bridges ? 1 : 0) + (deployment.recording ? 1 : 0),
    })),
  ]);
  return account.lacks.includes('quotas') ? found.flat().map(asOfNewAccount) : found.flat();
}

/** Quotas that are not enforced are those of a new account: one that is too small stops nothing here. */
const asOfNewAccount = (finding: Finding): Finding => ({
  ...finding,
  said: `${finding.said}, the default of a new account`,
  state: finding.state === 'wrong' ? 'unknown' : finding.state,
});
