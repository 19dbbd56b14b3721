import type { Template } from 'aws-cdk-lib/assertions';
import type { PolicyDocument } from '../src/operations/policy/document.js';

/** The sentences under which security groups let each other in, less the parts that are the same for all. */
export function letIn(template: Template): string[] {
  return Object.entries(template.findResources('AWS::EC2::SecurityGroupIngress'))
    .map(([id, { Properties }]) => `${id.replace(/^Jitsi|SecurityGroup.*/g, '')} ${Properties.FromPort}`)
    .sort();
}

/** Statements of the roles that machines have, by the role's logical id; references become text. */
export function machinePolicies(template: Template): Map<string, PolicyDocument> {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const policies = new Map<string, PolicyDocument>();
  for (const { Properties } of Object.values(template.findResources('AWS::IAM::Policy'))) {
    const statements = Properties.PolicyDocument.Statement.map((statement: { Resource: unknown }) => ({
      ...statement,
      Resource: [statement.Resource].flat().map(text),
    }));
    for (const { Ref } of Properties.Roles) {
      const before = policies.get(Ref)?.Statement ?? [];
      policies.set(Ref, { Version: '2012-10-17', Statement: [...before, ...statements] });
    }
  }
  return policies;
}
