import { aws_iam as iam, aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Diagnostics } from '../contract/log-lines.js';
import { logsName } from '../contract/names.js';

/** The log group that all machines of a deployment write to. Lines are kept for a week, also of machines that are gone. */
export class MachineLogs extends Construct {
  readonly group: logs.LogGroup;
  readonly diagnostics: Diagnostics;

  constructor(scope: Construct, id: string, props: { deployment: string; diagnostics: Diagnostics }) {
    super(scope, id);
    this.diagnostics = props.diagnostics;
    this.group = new logs.LogGroup(this, 'Group', {
      logGroupName: logsName(props.deployment),
      retention: logs.RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** Lets a machine write, not read, and not create another group. */
  grantWrite(role: iam.Role): void {
    role.addToPolicy(
      new iam.PolicyStatement({
        sid: 'WriteLogs',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.group.logGroupArn],
      }),
    );
  }
}
