import { GetRoleCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import type { Account } from '../../cloud/account.js';
import { client } from '../../cloud/clients.js';
import type { Identity } from '../../cloud/identity.js';
import type { Conditions, Right, Verb } from '../policy/right.js';
import { actionsOf, verbsOf } from '../policy/rights.js';
import { type Finding, fine, wrong } from './finding.js';

/** A right, and which of its actions IAM says would be refused. */
export interface Simulated {
  readonly right: Right;
  readonly refused: readonly string[];
}

/**
 * Asks IAM about every right. Undefined for the account's root user, who may do everything and about whom IAM is not to
 * be asked. What an organisation forbids on top of it is known only to the organisation, if it does not let IAM tell.
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

/** The user or role whose policies count: a session's ARN names its role without the path. */
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
    // A right may be about several kinds of things, and an action about one of them: one yes is enough.
    for (const { EvalActionName = '', EvalDecision } of answer.EvaluationResults ?? [])
      if (EvalDecision === 'allowed') allowed.add(EvalActionName);
    marker = answer.IsTruncated ? answer.Marker : undefined;
  } while (marker);
  return actions.filter((action) => !allowed.has(action));
}

/** Something that a pattern stands for. */
const example = (pattern: string): string => (pattern === '*' ? '*' : pattern.replaceAll('*', 'x'));

/** What a request would have to be like for the conditions to be met. */
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
    return [fine('rights', 'the root user may do everything; a deployer of its own would be safer')];
  const lacking = simulated.filter(({ refused }) => refused.length > 0);
  if (lacking.length === 0) {
    const count = simulated.reduce((sum, { right }) => sum + actionsOf(right).length, 0);
    return [fine('rights', `all ${count} are given`)];
  }
  return lacking.map(({ right, refused }) =>
    wrong(
      'rights',
      `not given, and needed by ${list(verbs(right, refused))}: ${refused.join(', ')}`,
      `Have them given (statement ${right.sid} of "convoke policy"), or a deployer made ("convoke policy --apply").`,
    ),
  );
}

const verbs = (right: Right, actions: readonly string[]): Verb[] => [
  ...new Set(actions.flatMap((action) => verbsOf(right, action))),
];
const list = (words: readonly string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : (words[0] ?? '');
