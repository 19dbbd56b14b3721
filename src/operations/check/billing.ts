import { BudgetsClient, DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import type { Account } from '../../cloud/account.js';
import { client } from '../../cloud/clients.js';
import { callerIdentity } from '../../cloud/identity.js';
import type { Deployment } from '../../config/deployment.js';
import { explain } from '../error-mapper.js';
import { type Finding, fine, unanswered, wrong } from './finding.js';

/**
 * Whether budgets are accessible, if the file has one. IAM permissions alone are not enough: until the root user
 * activates IAM access to billing, AWS denies budgets to everyone else, including CloudFormation's role.
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

/** `refusal`: the error of the request; undefined if it succeeded. */
export function judgeBilling(refusal: unknown): Finding {
  if (refusal === undefined) return fine('budget', 'budgets are accessible');
  if (explain(refusal).name !== 'NotAllowed') return unanswered('budget', refusal);
  return wrong(
    'budget',
    'AWS denies these credentials access to budgets, so creating the budget would fail',
    'As the root user, activate "IAM user and role access to Billing information" (Account settings), and grant budgets:ViewBudget; or leave "budget" out.',
  );
}
