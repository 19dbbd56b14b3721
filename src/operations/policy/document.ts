import type { Conditions, Right } from '../../resources/right.js';
import { actionsOf } from './rights.js';

/** An IAM policy. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Conditions;
}

/** Maximum characters of a managed policy, not counting white space (IAM and STS quotas). */
export const MOST_CHARACTERS = 6144;
/** Default quota of managed policies per user or role (IAM and STS quotas). */
export const MOST_POLICIES = 10;

export const statement = (right: Right): Statement => ({
  Sid: right.sid,
  Effect: 'Allow',
  Action: actionsOf(right),
  Resource: right.resources,
  ...(right.conditions && { Condition: right.conditions }),
});

/** Size of a policy as AWS counts it. */
export const size = (policy: PolicyDocument): number => JSON.stringify(policy).replaceAll(/\s/g, '').length;

/** Rights as policies: as few as possible, none larger than AWS allows. */
export function policies(rights: readonly Right[]): PolicyDocument[] {
  const made: PolicyDocument[] = [];
  let current: Statement[] = [];
  const policy = (statements: readonly Statement[]): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: statements,
  });
  for (const next of rights.map(statement)) {
    if (current.length > 0 && size(policy([...current, next])) > MOST_CHARACTERS) {
      made.push(policy(current));
      current = [];
    }
    current.push(next);
  }
  if (current.length > 0) made.push(policy(current));
  return made;
}
