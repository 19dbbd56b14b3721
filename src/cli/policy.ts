import { Option } from 'commander';
import { ConvokeError } from '../contract/errors.js';
import type { Applied } from '../operations/policy/apply.js';
import {
  boundaryDocument,
  callerContext,
  deployerPolicies,
  executionDocument,
} from '../operations/policy/policy.js';
import type { Output } from './output/output.js';
import { type Context, type Verb, verbCommand } from './verb.js';

interface Flags {
  readonly account?: string;
  readonly execution: boolean;
  readonly boundary: boolean;
  readonly apply: boolean;
  readonly remove: boolean;
  readonly user?: string | true;
  readonly role?: string | true;
  readonly principal?: string;
}

export const verb: Verb = {
  command: verbCommand('policy', 'Prints the IAM policies that deploying needs.')
    .option('--account <number>', 'use this account number, without calling AWS')
    .addOption(
      new Option('--execution', 'print the policy of CloudFormation’s execution role instead')
        .default(false)
        .conflicts(['apply', 'remove']),
    )
    .addOption(
      new Option('--boundary', 'print the permissions boundary of the deployment’s roles instead')
        .default(false)
        .conflicts(['apply', 'remove', 'execution']),
    )
    .addOption(
      new Option('--apply', 'create a user or role with these policies, or update it')
        .default(false)
        .conflicts(['account', 'remove']),
    )
    .option('--remove', 'delete what --apply created', false)
    .addOption(
      new Option('--user [name]', 'with --apply: a user, with an access key (default)').conflicts('role'),
    )
    .option('--role [name]', 'with --apply: a role')
    .option(
      '--principal <arn>',
      'with --role: who may assume it; default: everyone in the account who may assume roles',
    ),
  async run(context, flags) {
    const wanted = flags as unknown as Flags;
    validateFlags(wanted);
    if (wanted.remove) return remove(context);
    if (wanted.apply) return apply(context, wanted);
    const documents = await selectDocuments(context, wanted);
    context.output.result(
      documents,
      documents.map((document) => JSON.stringify(document, null, 2)).join('\n'),
    );
    if (documents.length > 1) {
      context.output.note(
        `AWS limits the size of a policy, so there are ${documents.length}. Attach all of them to the deployer, or run "convoke policy --apply".`,
      );
    }
    return 0;
  },
};

/** Rejects options that need another one. */
function validateFlags({ account, apply, user, role, principal }: Flags): void {
  const reject = (what: string, now: string) => {
    throw new ConvokeError('OptionsDoNotFit', { what, now, fault: 'user' });
  };
  if ((user || role) && !apply) reject('--user and --role need --apply.', 'Add --apply.');
  if (principal && !role) reject('--principal needs --role.', 'Add --apply --role.');
  if (principal && !/^(arn:aws:(iam|sts)::\d{12}:.+|\d{12})$/.test(principal))
    reject(
      `"${principal}" is not an AWS principal.`,
      'Give the ARN of a user or role, or the number of an account.',
    );
  for (const name of [user, role])
    if (typeof name === 'string' && !/^[\w+=,.@-]{1,64}$/.test(name))
      reject(
        `"${name}" cannot be the name of a user or role.`,
        'Use at most 64 letters, digits and +=,.@_- .',
      );
  if (account && !/^\d{12}$/.test(account))
    reject(`"${account}" is not the number of an AWS account.`, 'Give its 12 digits.');
}

async function selectDocuments({ deployment: load, inAccount }: Context, flags: Flags) {
  const { account: number, execution, boundary } = flags;
  const { deployment, account } = number ? { deployment: load(), account: undefined } : await inAccount();
  const where = account ? await callerContext(account, deployment) : { account: number ?? '' };
  if (boundary) return [boundaryDocument(deployment, where.account)];
  return execution ? [executionDocument(deployment, where.account)] : deployerPolicies(deployment, where);
}

async function apply({ inAccount, output }: Context, flags: Flags): Promise<number> {
  const { deployment, account } = await inAccount();
  const { apply } = await import('../operations/policy/apply.js');
  const where = await callerContext(account, deployment);
  const given = flags.role ?? flags.user;
  const name = typeof given === 'string' ? given : undefined;
  const applied = await apply({
    account,
    accountId: where.account,
    deployment,
    documents: deployerPolicies(deployment, where, name),
    boundary: boundaryDocument(deployment, where.account),
    kind: flags.role ? 'role' : 'user',
    ...(name && { name }),
    ...(flags.principal && { principal: flags.principal }),
  });
  output.result(applied, drawApplied(applied, output));
  return 0;
}

function drawApplied(applied: Applied, output: Output): string {
  const { paint } = output;
  const { kind, name, arn, made, boundary, key } = applied;
  const policies = [
    ...applied.policies.map((policy) => ({ ...policy, what: 'policy' })),
    { ...boundary, what: 'permissions boundary' },
  ];
  const rows = [
    [paint.green('✓'), kind, arn, made ? 'created' : 'exists'],
    ...policies.map((policy) => [
      paint.green('✓'),
      policy.what,
      policy.arn,
      policy.did === 'nothing' ? 'unchanged' : policy.did,
    ]),
  ];
  return [output.table(['', 'what', 'ARN', ''], rows), ...nextStep(kind, name, arn, key)].join('\n');
}

function nextStep(kind: string, name: string, arn: string, key: Applied['key']): string[] {
  if (kind === 'role')
    return [`Assume it to deploy: "role_arn = ${arn}" in a profile of ~/.aws/config, and AWS_PROFILE.`];
  if (key)
    return [
      'Its access key. The secret cannot be shown again:',
      `AWS_ACCESS_KEY_ID=${key.id}`,
      `AWS_SECRET_ACCESS_KEY=${key.secret}`,
    ];
  return [
    `${name} already has an access key, whose secret cannot be shown again. If it is lost, run "convoke policy --remove", then --apply.`,
  ];
}

async function remove({ inAccount, output }: Context): Promise<number> {
  const { deployment, account } = await inAccount();
  const { revoke } = await import('../operations/policy/revoke.js');
  const gone = await revoke(account, deployment);
  const rows = (['users', 'roles', 'policies'] as const).map((kind) => [
    output.paint.green('✓'),
    kind,
    gone[kind].length ? `removed: ${gone[kind].join(', ')}` : 'none',
  ]);
  const kept = gone.kept
    ? `\n${gone.kept} was kept, because it is the permissions boundary of deployed roles. After "convoke down", --remove deletes it too.`
    : '';
  output.result(gone, `${output.table(['', 'checked', 'result'], rows)}${kept}`);
  return 0;
}
