import { bootstrapStackName, recordingsStackName, stackName } from '../contract/names.js';
import type { ResourceKind } from './kind.js';
import { cdk, convoke } from './right.js';

/** The deployment's stack, its bootstrap stack, and that of its recordings. */
const stacks: ResourceKind = {
  name: 'stacks',
  types: [],
  deployer: (arns, { deployment }) => {
    const own = arns.here('cloudformation', `stack/${stackName(arns.deployment)}/*`);
    const bootstrap = arns.here('cloudformation', `stack/${bootstrapStackName(arns.deployment)}/*`);
    const recordings = arns.here('cloudformation', `stack/${recordingsStackName(arns.deployment)}/*`);
    return [
      {
        sid: 'OwnStacks',
        why: 'To read the deployed stacks, and to delete them or the remains of a failed attempt.',
        resources: [own, bootstrap, recordings],
        calls: [
          convoke(
            ['check', 'preview', 'up', 'status', 'report', 'drill', 'down'],
            'cloudformation:DescribeStacks',
          ),
          convoke(['preview', 'up', 'report'], 'cloudformation:GetTemplate'),
          convoke(['up', 'down'], 'cloudformation:DescribeStackEvents'),
          convoke(['up', 'down'], 'cloudformation:DeleteStack'),
        ],
      },
      {
        sid: 'CreateBootstrap',
        why: 'To create and update the bootstrap stack: a bucket and the three roles that deploy everything else. With `recording`, also the stack with the bucket of recordings.',
        resources: [bootstrap, ...(deployment.recording ? [recordings] : [])],
        calls: [
          cdk(
            'cloudformation:ContinueUpdateRollback',
            'cloudformation:CreateChangeSet',
            'cloudformation:DeleteChangeSet',
            'cloudformation:DescribeChangeSet',
            'cloudformation:ExecuteChangeSet',
            'cloudformation:RollbackStack',
          ),
        ],
      },
      {
        sid: 'AssumeBootstrapRoles',
        why: 'To upload files and start the deployment; the bootstrap stack defines the permissions of these roles.',
        resources: [arns.bootstrapRole('deploy'), arns.bootstrapRole('publish')],
        calls: [convoke(['up'], 'sts:AssumeRole'), cdk('sts:AssumeRole')],
      },
    ];
  },
};

/** Before the roles, because a stack without its role can never be deleted. */
export const stackKinds = [stacks];
