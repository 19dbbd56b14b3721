import { aws_budgets as budgets, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { budgetName } from '../contract/names.js';
import { DEPLOYMENT_TAG } from '../contract/tags.js';

export interface BudgetProps {
  readonly deployment: string;
  /** US dollars per month; more than 0. */
  readonly monthly: number;
  /** Mail addresses that are notified, 1 to 10. AWS Budgets mails by itself and asks for no confirmation. */
  readonly emails: readonly string[];
}

/**
 * A budget with notifications at 80 % of actual cost and at 100 % of the forecast. It stops nothing.
 *
 * It counts resources with the deployment's tag, which AWS does only after the account's owner has activated the tag
 * for cost allocation.
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, props: BudgetProps) {
    super(scope, id);
    const notify = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: {
        notificationType,
        comparisonOperator: 'GREATER_THAN',
        threshold,
        thresholdType: 'PERCENTAGE',
      },
      subscribers: props.emails.map((address) => ({ subscriptionType: 'EMAIL', address })),
    });
    new budgets.CfnBudget(this, 'Budget', {
      budget: {
        budgetName: budgetName(props.deployment, Stack.of(this).region, props.emails.join(',')),
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: props.monthly, unit: 'USD' },
        costFilters: { TagKeyValue: [`user:${DEPLOYMENT_TAG}$${props.deployment}`] },
      },
      notificationsWithSubscribers: [notify('ACTUAL', 80), notify('FORECASTED', 100)],
    });
  }
}
