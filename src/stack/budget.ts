import { aws_budgets as budgets, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { budgetName } from '../contract/names.js';
import { DEPLOYMENT_TAG } from '../contract/tags.js';

export interface BudgetProps {
  readonly deployment: string;
  /** US dollars a month; more than 0. */
  readonly monthly: number;
  /** Mail addresses that are notified, 1 to 10. AWS Budgets mails by itself and asks for no confirmation. */
  readonly emails: readonly string[];
}

/**
 * A limit of cost that somebody is told about: at 80 % spent, and when more than all is forecast. It stops nothing.
 *
 * It counts what carries the deployment's tag, which AWS does only once the account's owner has activated the tag for
 * cost allocation, and from then on.
 */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, props: BudgetProps) {
    super(scope, id);
    const tell = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
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
      notificationsWithSubscribers: [tell('ACTUAL', 80), tell('FORECASTED', 100)],
    });
  }
}
