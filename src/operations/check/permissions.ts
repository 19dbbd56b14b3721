import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import type { Account } from '../../cloud/account.js';
import { client } from '../../cloud/clients.js';
import type { Identity } from '../../cloud/identity.js';
import type { Conditions, Right, Verb } from '../../resources/right.js';
import { actionsOf, verbsOf } from '../policy/rights.js';
import { type Finding, fine, wrong } from './finding.js';

/** A right, and those of its actions that IAM would deny. */
export interface Simulated {
  readonly right: Right;
  readonly refused: readonly string[];
}

/**
 * Simulates every right with IAM. Undefined for the root user, who has all permissions and cannot be simulated.
 * Service control policies may deny more than the simulation shows.
 */
export async function simulate(
  account: Account,
  identity: Identity,
  rights: readonly Right[],
): Promise<Simulated[] | undefined> {
  if (identity.arn.endsWith(':root')) return undefined;
  const source = await policySource(account, identity.arn);
  return Promise.all(
    rights.map(async (right) => ({ right, refused: await refused(account, source, right) })),
  );
}

/** The user or role whose policies apply. A session's ARN has the name of its role without the path. */
async function policySource(account: Account, arn: string): Promise<string> {
  const session = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn);
  if (!session) return arn;
  const [, partition, number, role = ''] = session;
  const answer = await client(account, IAMClient)
    .send(new GetRoleCommand({ RoleName: role }))
    .catch(() => undefined);
  return answer?.Role?.Arn ?? `arn:${partition}:iam::${number}:role/${role}`;
}

async function refused(account: Account, source: string, right: Right): Promise<string[]> {
  const actions = actionsOf(right);
  const allowed = new Set<string>();
  let marker: string | undefined;
  do {
    const answer = await client(account, IAMClient).send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: source,
        ActionNames: actions,
        ResourceArns: right.resources.map(example),
        ContextEntries: contextOf(right.conditions ?? {}),
        Marker: marker,
      }),
    );
    // A right may cover several resource types, and an action only one of them: one `allowed` is enough.
    for (const { EvalActionName = '', EvalDecision } of answer.EvaluationResults ?? [])
      if (EvalDecision === 'allowed') allowed.add(EvalActionName);
    marker = answer.IsTruncated ? answer.Marker : undefined;
  } while (marker);
  return actions.filter((action) => !allowed.has(action));
}

/** An example that matches a pattern. */
const example = (pattern: string): string => (pattern === '*' ? '*' : pattern.replaceAll('*', 'x'));

/** A request context that meets the conditions. */
function contextOf(conditions: Conditions) {
  return Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([ContextKeyName, values]) => ({
      ContextKeyName,
      ContextKeyType: operator.startsWith('ForAllValues:') ? ('stringList' as const) : ('string' as const),
      ContextKeyValues: [values].flat().map(example),
    })),
  );
}

export function judgePermissions(simulated: readonly Simulated[] | undefined): Finding[] {
  if (!simulated)
    return [fine('rights', 'the root user has all permissions; a dedicated deployer would be safer')];
  const lacking = simulated.filter(({ refused }) => refused.length > 0);
  if (lacking.length === 0) {
    const count = simulated.reduce((sum, { right }) => sum + actionsOf(right).length, 0);
    return [fine('rights', `all ${count} permissions are granted`)];
  }
  return lacking.map(({ right, refused }) =>
    wrong(
      'rights',
      `missing permissions, needed by ${list(verbs(right, refused))}: ${refused.join(', ')}`,
      `Grant them (statement ${right.sid} of "convoke policy"), or create a deployer ("convoke policy --apply").`,
    ),
  );
}

const verbs = (right: Right, actions: readonly string[]): Verb[] => [
  ...new Set(actions.flatMap((action) => verbsOf(right, action))),
];
const list = (words: readonly string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : (words[0] ?? '');
