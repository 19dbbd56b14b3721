import { readFileSync } from 'node:fs';
import { GetRolePolicyCommand, type IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import type { PolicyDocument, Statement } from '../src/operations/policy/document.js';

/** A call that an emulated account checked against policies. */
export interface Call {
  /** ARN of the user or of the role's session. */
  readonly caller: string;
  readonly action: string;
  /** `*` if the action does not support resources. */
  readonly resource: string;
  /** Condition keys and their values. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly allowed: boolean;
}

/** The calls that an emulated account has logged, in order. */
export const listedCalls = (file: string): Call[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Call);

/** The calls of a role's sessions. */
export const callsOfRole = (calls: readonly Call[], role: string): Call[] =>
  calls.filter(({ caller }) => caller.includes(`:assumed-role/${role}/`));

/** The inline policies of a role in the account. */
export async function policiesOfRole(iam: IAMClient, RoleName: string): Promise<PolicyDocument[]> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  return Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return JSON.parse(decodeURIComponent(PolicyDocument));
    }),
  );
}

/** Statements of a role each of which could be removed with all of these calls still allowed. */
export function needlessStatements(policies: readonly PolicyDocument[], calls: readonly Call[]): Statement[] {
  const all = policies.flatMap(({ Statement }) => [Statement].flat());
  return all.filter((statement) => {
    const rest = { Version: '2012-10-17' as const, Statement: all.filter((other) => other !== statement) };
    return calls.every((call) => allows([rest], call));
  });
}

/**
 * Whether policies that only allow would allow a call: IAM's own logic for the operators that convoke's policies use.
 * Throws at any other operator, so that no condition counts as met by mistake.
 */
export function allows(policies: readonly PolicyDocument[], call: Omit<Call, 'caller' | 'allowed'>): boolean {
  return policies.some(({ Statement }) => Statement.some((statement) => matches(statement, call)));
}

function matches(statement: Statement, call: Omit<Call, 'caller' | 'allowed'>): boolean {
  if (statement.Effect !== 'Allow') throw new Error(`${statement.Sid} does not allow.`);
  return (
    // Only actions are compared case-insensitively.
    // CDK writes a single value without a list.
    [statement.Action].flat().some((pattern) => like(call.action.toLowerCase(), pattern.toLowerCase())) &&
    [statement.Resource].flat().some((pattern) => like(call.resource, pattern)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) =>
        OPERATORS[operator]
          ? OPERATORS[operator]([value(call.context, key)].flat(), [wanted].flat())
          : unknown(operator),
      ),
    )
  );
}

type Operator = (given: readonly unknown[], wanted: readonly string[]) => boolean;

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (given, wanted) => given.some((one) => wanted.includes(String(one))),
  ArnLike: (given, wanted) => given.some((one) => wanted.some((pattern) => like(String(one), pattern))),
  'ForAllValues:StringLike': (given, wanted) =>
    given.every((one) => wanted.some((pattern) => like(String(one), pattern))),
};

function unknown(operator: string): never {
  throw new Error(`The operator ${operator} is not known here.`);
}

/** Keys are compared case-insensitively. */
const value = (context: Call['context'], key: string): unknown =>
  Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];

const like = (text: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text);
