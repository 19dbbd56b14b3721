import { aws_cloudwatch as cloudwatch, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { dashboardName } from '../contract/names.js';
import { type DashboardFacts, dashboardBody } from './dashboard-body.js';

/** A CloudWatch dashboard of one deployment. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, facts: Omit<DashboardFacts, 'region'>) {
    super(scope, id);
    const stack = Stack.of(this);
    // `Resource` is the id that CDK leaves out of logical ids.
    new cloudwatch.CfnDashboard(this, 'Resource', {
      dashboardName: dashboardName(facts.deployment, stack.region),
      dashboardBody: stack.toJsonString(dashboardBody({ ...facts, region: stack.region })),
    });
  }
}
