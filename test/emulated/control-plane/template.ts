import { attribute, ref, subnet } from '../template-parts.js';

/**
 * A small deployment with the resource types of the real one: one group of one machine over two zones behind a load balancer,
 * a certificate, a name, a secret, and mail about terminated machines.
 */
export function template(options: { zoneId: string; domain: string; mail: string }): string {
  const resources = {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.20.0.0/16' } },
    SubnetA: subnet(0),
    SubnetB: subnet(1),
    IngressGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { GroupDescription: 'door', VpcId: ref('Vpc') },
    },
    ShardGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { GroupDescription: 'shard', VpcId: ref('Vpc') },
    },
    ShardFromIngress: {
      Type: 'AWS::EC2::SecurityGroupIngress',
      Properties: {
        GroupId: attribute('ShardGroup', 'GroupId'),
        SourceSecurityGroupId: attribute('IngressGroup', 'GroupId'),
        IpProtocol: 'tcp',
        FromPort: 80,
        ToPort: 80,
      },
    },
    IngressToShard: {
      Type: 'AWS::EC2::SecurityGroupEgress',
      Properties: {
        GroupId: attribute('IngressGroup', 'GroupId'),
        DestinationSecurityGroupId: attribute('ShardGroup', 'GroupId'),
        IpProtocol: 'tcp',
        FromPort: 80,
        ToPort: 80,
      },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } },
          ],
        },
        Policies: [
          {
            PolicyName: 'shard',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: ref('Seed') },
                { Effect: 'Allow', Action: 'ec2:DescribeInstances', Resource: '*' },
                {
                  Effect: 'Allow',
                  Action: 'cloudwatch:PutMetricData',
                  Resource: '*',
                  Condition: { StringEquals: { 'cloudwatch:namespace': 'Small' } },
                },
                {
                  Effect: 'Allow',
                  Action: [
                    'autoscaling:SetInstanceHealth',
                    'autoscaling:CompleteLifecycleAction',
                    'autoscaling:RecordLifecycleActionHeartbeat',
                  ],
                  Resource: {
                    'Fn::Sub':
                      'arn:aws:autoscaling:${AWS::Region}:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/small-shard',
                  },
                },
              ],
            },
          },
        ],
      },
    },
    Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [ref('Role')] } },
    Template: {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: {
        LaunchTemplateData: {
          ImageId: ref('ImageId'),
          InstanceType: 't4g.small',
          IamInstanceProfile: { Arn: attribute('Profile', 'Arn') },
          MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
          NetworkInterfaces: [
            { DeviceIndex: 0, AssociatePublicIpAddress: true, Groups: [attribute('ShardGroup', 'GroupId')] },
          ],
          TagSpecifications: [
            { ResourceType: 'instance', Tags: [{ Key: 'from', Value: 'template' }] },
            { ResourceType: 'volume', Tags: [{ Key: 'from', Value: 'template' }] },
          ],
          UserData: { 'Fn::Base64': '#!/bin/sh\necho small\n' },
        },
      },
    },
    Group: {
      Type: 'AWS::AutoScaling::AutoScalingGroup',
      Properties: {
        AutoScalingGroupName: 'small-shard',
        MinSize: '1',
        MaxSize: '1',
        LaunchTemplate: {
          LaunchTemplateId: ref('Template'),
          Version: attribute('Template', 'LatestVersionNumber'),
        },
        VPCZoneIdentifier: [ref('SubnetA'), ref('SubnetB')],
        TargetGroupARNs: [ref('Shards')],
        HealthCheckType: 'ELB',
        HealthCheckGracePeriod: 360,
        Tags: [{ Key: 'small:role', Value: 'shard', PropagateAtLaunch: true }],
      },
    },
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: {
        Scheme: 'internet-facing',
        Type: 'application',
        Subnets: [ref('SubnetA'), ref('SubnetB')],
        SecurityGroups: [attribute('IngressGroup', 'GroupId')],
        LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '3600' }],
      },
    },
    Shards: {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      Properties: {
        VpcId: ref('Vpc'),
        Port: 80,
        Protocol: 'HTTP',
        TargetType: 'instance',
        HealthCheckPath: '/health',
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 3,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 2,
        Matcher: { HttpCode: '200' },
      },
    },
    Https: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: ref('Balancer'),
        Port: 443,
        Protocol: 'HTTPS',
        SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
        Certificates: [{ CertificateArn: ref('Certificate') }],
        DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Shards') }],
      },
    },
    Http: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: ref('Balancer'),
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [
          { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
        ],
      },
    },
    Certificate: {
      Type: 'AWS::CertificateManager::Certificate',
      Properties: {
        DomainName: options.domain,
        ValidationMethod: 'DNS',
        DomainValidationOptions: [{ DomainName: options.domain, HostedZoneId: options.zoneId }],
      },
    },
    Alias: {
      Type: 'AWS::Route53::RecordSet',
      Properties: {
        HostedZoneId: options.zoneId,
        Name: `${options.domain}.`,
        Type: 'A',
        AliasTarget: {
          DNSName: { 'Fn::Join': ['', ['dualstack.', attribute('Balancer', 'DNSName')]] },
          HostedZoneId: attribute('Balancer', 'CanonicalHostedZoneID'),
        },
      },
    },
    Seed: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: {
        GenerateSecretString: {
          SecretStringTemplate: '{}',
          GenerateStringKey: 'seed',
          PasswordLength: 64,
          ExcludePunctuation: true,
        },
      },
    },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'small-alerts' } },
    Subscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: ref('Topic'), Protocol: 'email', Endpoint: options.mail },
    },
    TopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [ref('Topic')],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sns:Publish',
              Principal: { Service: 'events.amazonaws.com' },
              Resource: ref('Topic'),
            },
          ],
        },
      },
    },
    Ended: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: {
          source: ['aws.autoscaling'],
          'detail-type': ['EC2 Instance Terminate Successful'],
          detail: { AutoScalingGroupName: ['small-shard'] },
        },
        Targets: [
          {
            Id: 'mail',
            Arn: ref('Topic'),
            InputTransformer: {
              InputPathsMap: {
                machine: '$.detail.EC2InstanceId',
                where: '$.detail.Details',
                cause: '$.detail.Cause',
              },
              InputTemplate: '"Machine <machine> has ended."\n"Where: <where>"\n"Why: <cause>"',
            },
          },
        ],
      },
    },
    Sick: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        MetricName: 'UnHealthyHostCount',
        Namespace: 'AWS/ApplicationELB',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      },
    },
    Any: {
      Type: 'AWS::CloudWatch::CompositeAlarm',
      Properties: { AlarmRule: { 'Fn::Sub': 'ALARM("${Sick}")' } },
    },
    Budget: {
      Type: 'AWS::Budgets::Budget',
      Properties: {
        Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 100, Unit: 'USD' } },
      },
    },
  };
  return JSON.stringify({
    Parameters: {
      ImageId: {
        Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
        Default: '/aws/service/debian/release/13/latest/arm64',
      },
    },
    Resources: resources,
    Outputs: {
      Shards: { Value: ref('Shards') },
      Seed: { Value: ref('Seed') },
      Role: { Value: ref('Role') },
    },
  });
}
