import { BudgetsClient, DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import type { Account } from '../../cloud/account.js';
import { client } from '../../cloud/clients.js';
import { callerIdentity } from '../../cloud/identity.js';
import type { Deployment } from '../../config/deployment.js';
import { explain } from '../error-mapper.js';
import { type Finding, fine, unanswered, wrong } from './finding.js';

/**
 * Whether budgets may be seen, where the file has one. Rights alone are not enough: the account's root user has to let IAM
 * near the bill, and until then AWS refuses budgets to everybody else, CloudFormation's role included.
 */
export async function billing(account: Account, { budget }: Pick<Deployment, 'budget'>): Promise<Finding[]> {
  if (!budget) return [];
  const AccountId = (await callerIdentity(account)).account;
  const asked = client(account, BudgetsClient).send(new DescribeBudgetsCommand({ AccountId, MaxResults: 1 }));
  return [
    judgeBilling(
      await asked.then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  ];
}

/** `refusal`: what AWS answered instead of the budgets. */
export function judgeBilling(refusal: unknown): Finding {
  if (refusal === undefined) return fine('budget', 'budgets can be seen, and so made');
  if (explain(refusal).name !== 'NotAllowed') return unanswered('budget', refusal);
  return wrong(
    'budget',
    'AWS does not show budgets to these credentials, so the deployment would stop half-way at its own',
    'Have the account’s root user activate "IAM user and role access to Billing information" (Account settings) and the right budgets:ViewBudget be given, or leave "budget" out.',
  );
}
