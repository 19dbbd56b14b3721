/**
 * Readable names for the resources of the two stacks. CloudFormation only has logical ids, which CDK derives from the
 * construct's path and a hash (`JitsiShardARole44959DB6`).
 */

/** Patterns of logical ids without their hash. The first match counts; `$1`, `$2` are captured groups. */
const PHRASES: readonly (readonly [pattern: RegExp, phrase: string | ((...captured: string[]) => string)])[] =
  [
    // The bootstrap stack.
    [/^Files$/, 'bucket of files that machines fetch'],
    [/^FilesPolicy$/, 'access rules of the bucket of files'],
    [/^Execute$/, 'role that CloudFormation acts in'],
    [/^ExecutePolicy$/, 'rights of the role that CloudFormation acts in'],
    [/^Deploy$/, 'role that starts deployments'],
    [/^DeployDefaultPolicy$/, 'rights of the role that starts deployments'],
    [/^Publish$/, 'role that uploads files'],
    [/^PublishDefaultPolicy$/, 'rights of the role that uploads files'],
    [/^Version$/, 'version of the bootstrap stack'],
    [/^Recordings$/, 'bucket of recordings'],
    [/^RecordingsPolicy$/, 'access rules of the bucket of recordings'],

    [/^JitsiNetworkVpc$/, 'network (VPC)'],
    [/^JitsiNetworkVpcIGW$/, 'internet gateway'],
    [/^JitsiNetworkVpcVPCGW$/, 'connection of the network to its internet gateway'],
    [/^JitsiNetworkVpcpublicSubnet(\d)Subnet$/, 'subnet of zone $1'],
    [/^JitsiNetworkVpcpublicSubnet(\d)RouteTable$/, 'route table of zone $1'],
    [
      /^JitsiNetworkVpcpublicSubnet(\d)RouteTableAssociation$/,
      'connection of the route table of zone $1 to its subnet',
    ],
    [/^JitsiNetworkVpcpublicSubnet(\d)DefaultRoute$/, 'route from zone $1 to the internet'],

    [/^JitsiAlertsTopic$/, 'topic for alerts'],
    [/^JitsiAlertsTopicPolicy$/, 'access rules of the topic for alerts'],
    [/^JitsiAlertsTopic.+$/, 'subscription of the mail address to alerts'],
    [/^JitsiAlertsRule$/, 'event rule for alerts'],
    [/^JitsiAlertsHoursRule$/, 'event rule: open and close the page'],
    [/^JitsiAlertsFunctionHours$/, 'permission of the event rule to open and close the page'],
    [/^JitsiAlertsFunction$/, 'function that sends alerts'],
    [/^JitsiAlertsFunctionEvents$/, 'permission of the event rule to invoke the function for alerts'],
    [/^JitsiAlertsLog$/, 'log of events that alerts are about'],
    [/^JitsiLogsGroup$/, 'log group of the machines'],
    [/^JitsiAlertsLogGroup$/, 'log group of the function for alerts'],
    [/^JitsiAlertsRole$/, 'role of the function for alerts'],
    [/^JitsiAlertsRoleDefaultPolicy$/, 'rights of the function for alerts'],
    [/^JitsiAlertsNoShard$/, 'alarm: no shard serves'],
    [/^JitsiAlertsErrors$/, 'alarm: requests to shards fail'],
    [/^JitsiAlertsBalancerErrors$/, 'alarm: requests fail at the load balancer'],
    [/^JitsiAlertsBridgesFull$/, 'alarm: the bridges are full'],
    [/^JitsiAlertsNoBridges$/, 'alarm: a shard has no bridges'],
    [/^JitsiAlertsIceFailures$/, 'alarm: participants cannot connect to the bridges'],
    [/^JitsiAlertsLoss$/, 'alarm: calls lose many packets'],
    [/^JitsiAlertsJicofoRestarted$/, 'alarm: Jicofo was restarted'],
    [/^JitsiAlertsRecordings$/, 'alarm: recordings cannot be uploaded'],
    [/^JitsiAlertsDisk$/, 'alarm: a machine is short of disk space'],
    [/^JitsiAlertsMemory$/, 'alarm: a machine is short of memory'],
    [/^JitsiAlertsUpdates$/, 'alarm: security updates wait'],
    [/^JitsiAlertsUndelivered$/, 'alarm: alerts cannot be delivered'],
    [/^JitsiAlertsNotInvoked$/, 'alarm: alerts cannot be sent'],
    [/^JitsiAlertsFailing$/, 'alarm: sending alerts fails'],
    [/^JitsiImageBuilderRole$/, 'role of the machine that a machine image is made from'],
    [/^JitsiImageBuilderRoleDefaultPolicy$/, 'rights of the machine that a machine image is made from'],
    [/^JitsiImageBuilderProfile$/, 'instance profile of the machine that a machine image is made from'],
    [/^JitsiImageBuilderTemplate$/, 'launch template of the machine that a machine image is made from'],
    [/^JitsiImageBuilderSecurityGroup$/, 'security group of the machine that a machine image is made from'],
    [/^WebhooksSecret$/, 'secret with the webhooks for alerts'],

    [/^JitsiIngressCertificate$/, 'certificate'],
    [/^JitsiIngressBalancer$/, 'load balancer'],
    [/^JitsiIngressBalancerSecurityGroup$/, 'security group of the load balancer'],
    [/^JitsiIngressBalancerSecurityGroupto.*$/, 'security group rule: the load balancer sends to the shards'],
    [/^JitsiIngressBalancerHttps$/, 'HTTPS listener of the load balancer'],
    [/^JitsiIngressClosed$/, 'rule of the load balancer: the page while it is closed'],
    [/^JitsiIngressBalancerRedirect80To443$/, 'redirect from HTTP to HTTPS'],
    [/^JitsiIngressShards$/, 'target group of the shards'],
    [/^JitsiIngressAlias$/, 'DNS record of the domain'],

    [/^JitsiTurnBalancer$/, 'TURN load balancer'],
    [/^JitsiTurnSecurityGroup$/, 'security group of the TURN load balancer'],
    [/^JitsiTurnSecurityGroupto.*$/, 'security group rule: the TURN load balancer sends to the shards'],
    [/^JitsiTurnBalancerTls$/, 'TLS listener of the TURN load balancer'],
    [/^JitsiTurnShards$/, 'target group of the TURN relays'],
    [/^JitsiTurnAlias$/, 'DNS record of TURN'],

    [/^JitsiSeed$/, 'secret of the shards'],
    [/^JitsiBridgeSeed$/, 'secret of the bridges'],
    [/^JitsiRecorderSeed$/, 'secret of the recorders'],
    [/^JitsiLoginSecret$/, 'secret of the client with which hosts sign in'],
    [/^JitsiShardsSecurityGroup$/, 'security group of the shards'],
    [
      /^JitsiShardsSecurityGroupfrom.*JitsiIngress.*$/,
      'security group rule: the shards accept the load balancer',
    ],
    [
      /^JitsiShardsSecurityGroupfrom.*JitsiTurn.*$/,
      'security group rule: the shards accept the TURN load balancer',
    ],
    [
      /^JitsiShardsSecurityGroupfrom.*JitsiBridges.*?[0-9A-F]{8}(\d+)$/,
      'security group rule: the shards accept bridges on port $1',
    ],
    [
      /^JitsiShardsSecurityGroupfrom.*JitsiRecorders.*?[0-9A-F]{8}(\d+)$/,
      'security group rule: the shards accept recorders on port $1',
    ],
    [
      /^JitsiShardsSecurityGroupfrom.*JitsiShards.*?[0-9A-F]{8}(\d+)$/,
      'security group rule: the shards accept each other on port $1',
    ],

    [
      /^JitsiShard([A-Z])(Role|RoleDefaultPolicy|Profile|Template)$/,
      (shard, part) => machines(part, `shard ${lower(shard)}`),
    ],
    [/^JitsiShard([A-Z])GroupASG$/, (shard) => `machine of shard ${lower(shard)} (Auto Scaling group)`],
    [/^JitsiShard([A-Z])GroupLifecycleHookLaunch.*$/, (shard) => `launch hook of shard ${lower(shard)}`],
    [/^JitsiShard([A-Z])GroupLifecycleHook.*$/, (shard) => `drain hook of shard ${lower(shard)}`],

    [/^JitsiBridgesSecurityGroup$/, 'security group of the bridges'],
    [/^JitsiBridges(Role|RoleDefaultPolicy|Profile|Template)$/, (part) => machines(part, 'the bridges')],
    [/^JitsiBridgesGroupASG$/, 'bridges (Auto Scaling group)'],
    [/^JitsiBridgesGroupLifecycleHookLaunch.*$/, 'launch hook of the bridges'],
    [/^JitsiBridgesGroupLifecycleHook.*$/, 'drain hook of the bridges'],
    [/^JitsiBridgesScalingGrowBy(.+)$/, (by) => `scaling policy: add bridges by ${lower(by)} stress`],
    [/^JitsiBridgesScalingStress(.+)$/, (by) => `alarm: ${lower(by)} stress of the bridges is high`],
    [/^JitsiBridgesScalingShrink$/, 'scaling policy: remove a bridge'],
    [/^JitsiBridgesScalingIdle$/, 'alarm: the bridges are idle'],
    [/^JitsiBridgesScalingHoursCloseAt(\d\d)(\d\d)$/, 'schedule: no bridges from $1:$2'],
    [/^JitsiBridgesScalingHoursAtLeast(\d+)From(\d\d)(\d\d)$/, 'schedule: at least $1 bridges from $2:$3'],
    [
      /^JitsiShard([A-Z]+)HoursCloseAt(\d\d)(\d\d)$/,
      (shard, hour, minute) => `schedule: shard ${lower(shard)} ends at ${hour}:${minute}`,
    ],
    [
      /^JitsiShard([A-Z]+)HoursAtLeast1From(\d\d)(\d\d)$/,
      (shard, hour, minute) => `schedule: shard ${lower(shard)} starts at ${hour}:${minute}`,
    ],
    [/^JitsiBridgesScalingAtLeast(\d+)From(\d\d)(\d\d)$/, 'schedule: at least $1 bridges from $2:$3'],

    [/^JitsiRecordersSecurityGroup$/, 'security group of the recorders'],
    [/^JitsiRecorders(Role|RoleDefaultPolicy|Profile|Template)$/, (part) => machines(part, 'the recorders')],
    [/^JitsiRecordersGroupASG$/, 'recorders (Auto Scaling group)'],
    [/^JitsiRecordersGroupLifecycleHookLaunch.*$/, 'launch hook of the recorders'],
    [/^JitsiRecordersGroupLifecycleHook.*$/, 'drain hook of the recorders'],
    [/^JitsiRecordersGrow$/, 'scaling policy: add recorders'],
    [/^JitsiRecordersShrink$/, 'scaling policy: remove a recorder'],
    [/^JitsiRecordersLacking$/, 'alarm: too few recorders wait'],
    [/^JitsiRecordersSurplus$/, 'alarm: too many recorders wait'],
    [/^JitsiRecordersHoursCloseAt(\d\d)(\d\d)$/, 'schedule: no recorders from $1:$2'],
    [/^JitsiRecordersHoursAtLeast0From(\d\d)(\d\d)$/, 'schedule: recorders from $1:$2'],

    [/^JitsiDashboard$/, 'dashboard'],
    [/^JitsiBudget$/, 'budget'],
  ];

/** A part of a group of machines. */
function machines(part: string, whose: string): string {
  const whoseMachines = whose.startsWith('the ') ? whose : `${whose}'s machines`;
  switch (part) {
    case 'Role':
      return `role of ${whoseMachines}`;
    case 'RoleDefaultPolicy':
      return `rights of ${whoseMachines}`;
    case 'Profile':
      return `instance profile of ${whoseMachines}`;
    default:
      return `launch template of ${whoseMachines}`;
  }
}

const lower = (text: string): string => text.toLowerCase();

/**
 * A readable name, such as "role of shard a's machines". For resources that are not in the table, such as those of
 * older versions, it is the type in plain words, such as "security group ingress". Never the logical id. @param type
 * CloudFormation's type, such as `AWS::IAM::Role`.
 */
export function resourceLabel(logicalId: string, type: string): string {
  if (type === 'AWS::CloudFormation::Stack') return 'the stack as a whole';
  const path = logicalId.replace(/[0-9A-F]{8}$/, '');
  for (const [pattern, phrase] of PHRASES) {
    const match = pattern.exec(path);
    if (!match) continue;
    if (typeof phrase === 'function') return phrase(...match.slice(1));
    return phrase.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '');
  }
  return typeInWords(type);
}

/** `AWS::EC2::SecurityGroupIngress` is "security group ingress". */
const typeInWords = (type: string): string =>
  (type.split('::').at(-1) || 'resource')
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/\b([A-Z])(?=[a-z])/g, (letter) => letter.toLowerCase());
