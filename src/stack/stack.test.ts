import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { temporaryOutput } from '../../test/sample-construct.js';
import { fleet, solo, team } from '../../test/sample-deployments.js';
import { ownNames } from '../cloud/sweep/own-names.js';
import type { Deployment } from '../config/deployment.js';
import { LoginSettings } from '../contract/login.js';
import { MeetingSettings } from '../contract/meetings.js';
import { BootstrapStack } from './bootstrap-stack.js';
import { DeploymentStack } from './deployment-stack.js';

// The first stack of a process loads most of CDK, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const folder = temporaryOutput();

it('passes access and appearance of meetings to shards only', () => {
  const path = join(folder, 'logo.svg');
  writeFileSync(path, '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const meetings = { ...MeetingSettings.parse({ title: 'Town Hall' }), logo: { path, type: 'svg' } } as const;
  const stack = new DeploymentStack(new App(), { ...team, access: 'members', meetings });
  const templates = Template.fromStack(stack).findResources('AWS::EC2::LaunchTemplate');
  const launched = Object.values(templates).map((resource) => JSON.stringify(resource));
  const withMeetings = launched.filter((text) => text.includes('members') && text.includes('Town Hall'));
  expect([launched.length, withMeetings.length]).toEqual([3, 2]);
  for (const text of withMeetings) expect(text).toMatch(/logo.*type\W+svg/);
});

const login = LoginSettings.parse({
  issuer: 'https://id.example.org',
  client: 'meet',
  allow: { domains: ['example.org'] },
});

it('lets only shards read the secret with which hosts sign in, and has no value of it', () => {
  const template = Template.fromStack(new DeploymentStack(new App(), { ...team, access: 'hosts', login }));
  const [secret] = Object.entries(
    template.findResources('AWS::SecretsManager::Secret', {
      Properties: { Name: 'convoke-meet-login/client', SecretString: '{}' },
    }),
  );
  const readers = Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([, policy]) => JSON.stringify(policy).includes(secret?.[0] ?? 'none'))
    .map(([id]) => id);
  expect(readers).toEqual([expect.stringMatching(/^JitsiShardA/), expect.stringMatching(/^JitsiShardB/)]);
  const launched = Object.values(template.findResources('AWS::EC2::LaunchTemplate')).map((one) =>
    JSON.stringify(one),
  );
  expect(launched.filter((text) => text.includes('https://id.example.org'))).toHaveLength(2);
});

describe('names that are not CloudFormation’s', () => {
  /** Kinds that a sweep knows by their names, and the property that has it. */
  const NAMED: Readonly<Record<string, string>> = {
    'AWS::SNS::Topic': 'TopicName',
    'AWS::SecretsManager::Secret': 'Name',
    'AWS::IAM::Role': 'RoleName',
    'AWS::IAM::InstanceProfile': 'InstanceProfileName',
    'AWS::CloudWatch::Alarm': 'AlarmName',
    'AWS::CloudWatch::Dashboard': 'DashboardName',
    'AWS::Events::Rule': 'Name',
    'AWS::Lambda::Function': 'FunctionName',
    'AWS::Logs::LogGroup': 'LogGroupName',
  };

  it('are attributed by the sweep to this deployment, not to one with a longer name', () => {
    const app = new App();
    const stacks = [
      new DeploymentStack(app, { ...fleet, access: 'hosts', login, budget: { monthly: 5 } }),
      new BootstrapStack(app, { deployment: fleet.name, region: fleet.region }),
    ];
    const names = stacks
      .flatMap((stack) => Object.values(Template.fromStack(stack).toJSON().Resources))
      .map((resource) => resource as { Type: string; Properties?: Record<string, unknown> })
      .map(({ Type, Properties }) => Properties?.[NAMED[Type] ?? ''])
      .filter((name) => name !== undefined)
      .map((name) => plain(name, fleet.region));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      expect(ownNames('meet', fleet.region)).toContain(name);
      for (const other of ['meet-two', 'meet-seed', 'meet-bridges', 'meet-login', 'meet-deploy'])
        expect(ownNames('meet', fleet.region)).not.toContain(
          name.replace('convoke-meet-', `convoke-${other}-`),
        );
    }
  });
});

/** A name of a template whose only unknown is the region. */
const plain = (name: unknown, region: string): string =>
  typeof name === 'string'
    ? name
    : (name as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1]
        .map((part) => (typeof part === 'string' ? part : region))
        .join('');

describe('the stack of a fleet', () => {
  it('mixes machines and keeps a schedule', () => {
    const template = Template.fromStack(new DeploymentStack(new App(), fleet));
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      CapacityRebalance: true,
      MixedInstancesPolicy: {
        InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 40 },
        LaunchTemplate: {
          Overrides: [{ InstanceType: 'c7g.xlarge' }, { InstanceType: 'c6g.xlarge' }],
        },
      },
    });
    template.hasResourceProperties('AWS::AutoScaling::ScheduledAction', {
      MinSize: 8,
      Recurrence: '30 8 * * MON,TUE,WED,THU,FRI',
      TimeZone: 'Europe/Berlin',
    });
    const inUtc = Template.fromStack(
      new DeploymentStack(new App(), { ...fleet, bridges: { ...fleet.bridges, timezone: 'UTC' } as never }),
    );
    inUtc.allResourcesProperties('AWS::AutoScaling::ScheduledAction', { TimeZone: Match.absent() });
    template.resourceCountIs('AWS::AutoScaling::ScheduledAction', 2);
  });
});

describe('the dashboard', () => {
  const bodyIn = (deployment: Deployment) => {
    const stack = new DeploymentStack(new App(), deployment);
    const [found] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
    return found && JSON.stringify(found.Properties.DashboardBody);
  };

  it('shows the alarms that send mail, not those that scale bridges', () => {
    const text = bodyIn(team);
    expect(text).toMatch(/JitsiAlertsNoShard.*JitsiAlertsUndelivered/);
    expect(text).not.toContain('JitsiBridgesScaling');
  });

  it('does not exist if the file says so', () => {
    expect(bodyIn({ ...team, dashboard: false })).toBeUndefined();
  });
});

describe('the stack with the maximum number of shards', () => {
  it('has as many rules as that of two: shards admit each other by their common security group', () => {
    const rulesOf = (shards: number) => {
      const template = Template.fromStack(new DeploymentStack(new App(), { ...fleet, shards }));
      const counted = [
        'AWS::EC2::SecurityGroup',
        'AWS::EC2::SecurityGroupIngress',
        'AWS::EC2::SecurityGroupEgress',
      ];
      return {
        rules: counted.map((type) => Object.keys(template.findResources(type)).length),
        resources: Object.keys(template.toJSON().Resources).length,
      };
    };
    const [two, eight] = [rulesOf(2), rulesOf(8)];
    expect(eight.rules).toEqual(two.rules);
    // CloudFormation takes 500.
    expect(eight.resources).toBeLessThan(150);
  });
});

describe('the certificate', () => {
  const ARN = 'arn:aws:acm:eu-central-1:123456789012:certificate/1';
  it.each([
    ['made for the stack', solo, 'Ref', true],
    ['proven by hand', { ...solo, dns: { kind: 'manual' } } as const, 'Ref', false],
    ['an existing one', { ...solo, certificate: ARN }, ARN, false],
  ])('%s is watched, and the function knows whose it is', (_, deployment, whose, own) => {
    const template = Template.fromStack(new DeploymentStack(new App(), deployment));
    const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
    const watched = rule?.Properties.EventPattern.$or.find(
      ({ source }: { source: string[] }) => source[0] === 'aws.acm',
    );
    expect(JSON.stringify(watched.resources)).toContain(whose);
    const [mailer] = Object.values(template.findResources('AWS::Lambda::Function'));
    expect(JSON.stringify(mailer?.Properties.Environment)).toContain(`\\"ownCertificate\\":${own}`);
  });

  it('that manual records validate exists before the stack, which gets its ARN', () => {
    const template = Template.fromStack(new DeploymentStack(new App(), { ...solo, dns: { kind: 'manual' } }));
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    template.resourceCountIs('AWS::Route53::RecordSet', 0);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Certificates: [{ CertificateArn: { Ref: 'CertificateArn' } }],
    });
  });
});

describe('ssh', () => {
  const opened = { ...team, ssh: { key: 'ada', from: [{ name: 'office', range: '203.0.113.0/24' }] } };
  const doors = (deployment: Deployment) =>
    Object.values(
      Template.fromStack(new DeploymentStack(new App(), deployment)).findResources('AWS::EC2::SecurityGroup'),
    )
      .flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? [])
      .filter(({ FromPort }: { FromPort: number }) => FromPort === 22);

  it('is open on every machine to the configured ranges, and closed otherwise', () => {
    expect(doors(team)).toEqual([]);
    expect(doors(opened)).toEqual(
      Array(2).fill(expect.objectContaining({ CidrIp: '203.0.113.0/24', Description: 'SSH from office' })),
    );
    Template.fromStack(new DeploymentStack(new App(), opened)).allResourcesProperties(
      'AWS::EC2::LaunchTemplate',
      { LaunchTemplateData: Match.objectLike({ KeyName: 'ada' }) },
    );
  });
});

describe('Prometheus', () => {
  it('reads metrics of every machine from the configured ranges only', () => {
    const from = [{ name: 'monitoring', range: '10.20.1.0/24' }];
    const opened = Template.fromStack(new DeploymentStack(new App(), { ...team, prometheus: { from } }));
    const rules = Object.values(opened.findResources('AWS::EC2::SecurityGroup'))
      .flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? [])
      .filter(({ FromPort }: { FromPort: number }) => FromPort === 8105);
    expect(rules).toEqual(
      Array(2).fill(
        expect.objectContaining({
          CidrIp: '10.20.1.0/24',
          Description: 'metrics to monitoring',
          ToPort: 8105,
        }),
      ),
    );
  });
});

describe('a shell', () => {
  const roleOf = (deployment: Deployment) =>
    JSON.stringify(
      Template.fromStack(new DeploymentStack(new App(), deployment)).findResources('AWS::IAM::Policy'),
    );
  const userData = (deployment: Deployment) =>
    JSON.stringify(
      Template.fromStack(new DeploymentStack(new App(), deployment)).findResources(
        'AWS::EC2::LaunchTemplate',
      ),
    );

  it('needs the rights of Session Manager’s agent and is in user data, only if it is wanted, and opens no port', () => {
    const wanted = { ...team, shell: true };
    expect(roleOf(team)).not.toContain('ssmmessages');
    expect(userData(team)).not.toContain('shell');
    expect(roleOf(wanted)).toContain('ssmmessages:OpenDataChannel');
    expect(userData(wanted)).toContain('\\"shell\\":true');
    const ports = (deployment: Deployment) =>
      Template.fromStack(new DeploymentStack(new App(), deployment)).findResources('AWS::EC2::SecurityGroup');
    expect(ports(wanted)).toEqual(ports(team));
  });
});

describe('a budget', () => {
  const stackOf = (deployment: Deployment) => Template.fromStack(new DeploymentStack(new App(), deployment));
  const budgeted = { ...solo, budget: { monthly: 50 } };

  it('counts resources with this deployment’s tag, and sends mail at 80 % and before it is exceeded', () => {
    const notification = (NotificationType: string, Threshold: number) => ({
      Notification: {
        NotificationType,
        Threshold,
        ThresholdType: 'PERCENTAGE',
        ComparisonOperator: 'GREATER_THAN',
      },
      Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'ops@example.org' }],
    });
    stackOf(budgeted).hasResourceProperties('AWS::Budgets::Budget', {
      Budget: {
        BudgetLimit: { Amount: 50, Unit: 'USD' },
        TimeUnit: 'MONTHLY',
        CostFilters: { TagKeyValue: ['user:convoke:deployment$meet'] },
      },
      NotificationsWithSubscribers: [notification('ACTUAL', 80), notification('FORECASTED', 100)],
    });
  });

  it('has another name for another address, since neither can be changed in place', () => {
    const name = (deployment: Deployment) =>
      Object.values(stackOf(deployment).findResources('AWS::Budgets::Budget'))[0]?.Properties.Budget
        .BudgetName;
    expect(name(budgeted)).toMatch(/^convoke-meet-eu-central-1-/);
    expect(name({ ...budgeted, budget: { monthly: 60 } })).toBe(name(budgeted));
    expect(name({ ...budgeted, alerts: { emails: ['other@example.org'], webhooks: [] } })).not.toBe(
      name(budgeted),
    );
  });

  it('does not exist unless configured', () => {
    stackOf(solo).resourceCountIs('AWS::Budgets::Budget', 0);
  });

  it('is the only budget that CloudFormation may change', () => {
    const bootstrap = Template.fromStack(
      new BootstrapStack(new App(), { deployment: 'meet', region: 'eu-central-1' }),
    );
    const statements = Object.values(bootstrap.findResources('AWS::IAM::Policy')).flatMap(
      (policy) => policy.Properties.PolicyDocument.Statement as { Action: string[]; Resource: unknown }[],
    );
    const about = statements.filter(({ Action }) => Action.includes('budgets:ModifyBudget'));
    expect(about).toHaveLength(1);
    expect(JSON.stringify(about[0]?.Resource)).toMatch(/:budget\/convoke-meet-.*-\*/);
  });
});

describe('the bootstrap stack', () => {
  it('is created with the deployer’s permissions, without roles that do not exist', () => {
    const app = new App();
    const { artifactId } = new BootstrapStack(app, { deployment: 'meet', region: 'eu-central-1' });
    const artifact = app.synth().getStackArtifact(artifactId);
    expect(artifact.assumeRoleArn).toBeUndefined();
    expect(artifact.cloudFormationExecutionRoleArn).toBeUndefined();
    expect(artifact.assets).toEqual([]);
  });

  it('lets its roles resolve the template’s parameters, which CreateChangeSet requires', () => {
    const bootstrap = Template.fromStack(
      new BootstrapStack(new App(), { deployment: 'meet', region: 'eu-central-1' }),
    );
    const readers = Object.values(bootstrap.findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) =>
        JSON.stringify(Properties.PolicyDocument).includes(
          '::parameter/aws/service/debian/release/13/latest/*',
        ),
      )
      .map(({ Properties }) => Properties.Roles[0].Ref.replace(/[0-9A-F]{8}$/, ''));
    expect(readers.sort()).toEqual(['Deploy', 'Execute']);
  });

  it('has inline policies in its roles, for names of any length', () => {
    const bootstrap = Template.fromStack(
      new BootstrapStack(new App(), { deployment: 'abcdefghijklmnopqrst', region: 'ap-southeast-7' }),
    );
    bootstrap.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
    bootstrap.resourceCountIs('AWS::IAM::Policy', 3);
  });
});
