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
  command: verbCommand('policy', 'Prints the rights that deploying needs, as IAM policies.')
    .option('--account <number>', 'for this account, without asking AWS anything')
    .addOption(
      new Option('--execution', 'print what CloudFormation may do in the deployment’s name instead')
        .default(false)
        .conflicts(['apply', 'remove']),
    )
    .addOption(
      new Option('--boundary', 'print the most that the deployment’s roles may do instead')
        .default(false)
        .conflicts(['apply', 'remove', 'execution']),
    )
    .addOption(
      new Option('--apply', 'make a user or role with these rights, or bring it up to date')
        .default(false)
        .conflicts(['account', 'remove']),
    )
    .option('--remove', 'remove what --apply made', false)
    .addOption(
      new Option('--user [name]', 'with --apply: a user, with an access key (default)').conflicts('role'),
    )
    .option('--role [name]', 'with --apply: a role')
    .option(
      '--principal <arn>',
      'with --role: who may assume it; default: whoever in the account may assume roles',
    ),
  async run(context, flags) {
    const wanted = flags as unknown as Flags;
    validateFlags(wanted);
    if (wanted.remove) return remove(context);
    if (wanted.apply) return apply(context, wanted);
    const documents = await asked(context, wanted);
    context.output.answer(
      documents,
      documents.map((document) => JSON.stringify(document, null, 2)).join('\n'),
    );
    if (documents.length > 1) {
      context.output.say(
        `${documents.length} policies, since AWS limits the size of one: give the deployer all of them, or let "convoke policy --apply" do it.`,
      );
    }
    return 0;
  },
};

/** Options that say nothing without another. */
function validateFlags({ account, apply, user, role, principal }: Flags): void {
  const say = (what: string, now: string) => {
    throw new ConvokeError('OptionsDoNotFit', { what, now, fault: 'person' });
  };
  if ((user || role) && !apply) say('--user and --role are for --apply.', 'Add --apply.');
  if (principal && !role) say('--principal is for --role.', 'Add --apply --role.');
  if (principal && !/^(arn:aws:(iam|sts)::\d{12}:.+|\d{12})$/.test(principal))
    say(
      `"${principal}" names nobody in AWS.`,
      'Give the ARN of a user or role, or the number of an account.',
    );
  for (const name of [user, role])
    if (typeof name === 'string' && !/^[\w+=,.@-]{1,64}$/.test(name))
      say(`"${name}" cannot be the name of a user or role.`, 'Use letters, digits and +=,.@_- , 64 at most.');
  if (account && !/^\d{12}$/.test(account))
    say(`"${account}" is not the number of an AWS account.`, 'Give its 12 digits.');
}

async function asked({ deployment: load, inAccount }: Context, flags: Flags) {
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
  output.answer(applied, drawApplied(applied, output));
  return 0;
}

function drawApplied(applied: Applied, output: Output): string {
  const { paint } = output;
  const { kind, name, arn, made, boundary, key } = applied;
  const policies = [
    ...applied.policies.map((policy) => ({ ...policy, what: 'policy' })),
    { ...boundary, what: 'limit of roles' },
  ];
  const rows = [
    [paint.green('✓'), kind, arn, made ? 'made' : 'was there'],
    ...policies.map((policy) => [
      paint.green('✓'),
      policy.what,
      policy.arn,
      policy.did === 'nothing' ? 'was there' : policy.did,
    ]),
  ];
  return [output.table(['', 'what', 'ARN', ''], rows), ...nextStep(kind, name, arn, key)].join('\n');
}

function nextStep(kind: string, name: string, arn: string, key: Applied['key']): string[] {
  if (kind === 'role')
    return [`Assume it to deploy: "role_arn = ${arn}" in a profile of ~/.aws/config, and AWS_PROFILE.`];
  if (key)
    return [
      'Its access key, which nobody can show again:',
      `AWS_ACCESS_KEY_ID=${key.id}`,
      `AWS_SECRET_ACCESS_KEY=${key.secret}`,
    ];
  return [
    `${name} has an access key already, whose secret nobody can show again. Lost it? "convoke policy --remove", then --apply.`,
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
    ? `\n${gone.kept} stays, as it limits the roles of what is deployed. After "convoke down", --remove takes it away too.`
    : '';
  output.answer(gone, `${output.table(['', 'looked for', 'found'], rows)}${kept}`);
  return 0;
}
