import { BlockList, isIPv4 } from 'node:net';
import type { Template, TemplateResource } from '../../src/operations/synthesize.js';

/** A machine, or the internet, at one end of a connection. */
export interface End {
  /** Logical ids of its security groups; undefined for the internet, which has none. */
  readonly groups?: readonly string[];
  /** The address that the other end sees. */
  readonly address: string;
  /** Whether that is an address of the VPC: rules that name a group match no others. */
  readonly isPrivate: boolean;
}

/** Ports of one protocol, the last one included. */
export interface Range {
  readonly protocol: 'tcp' | 'udp';
  readonly from: number;
  readonly to: number;
}

type Properties = Record<string, unknown>;
type Direction = 'Ingress' | 'Egress';

/** Traffic that the security groups of a CloudFormation template allow. */
export class TemplateGroups {
  constructor(private readonly template: Template) {}

  /** Logical ids of the groups that machines of an Auto Scaling group have. */
  ofAutoScalingGroup(name: string): string[] {
    const found = this.all('AWS::AutoScaling::AutoScalingGroup').find(
      ([, properties]) => properties.AutoScalingGroupName === name,
    );
    const template = logicalId(deep(found?.[1], 'LaunchTemplateId'));
    const interfaces = deep(this.template.Resources[template]?.Properties, 'NetworkInterfaces');
    return (deep(interfaces, 'Groups') as unknown[]).map(logicalId);
  }

  /** Logical ids of the groups that the load balancer of a kind has. */
  ofBalancer(kind: 'application' | 'network'): string[] {
    const [, properties] =
      this.all('AWS::ElasticLoadBalancingV2::LoadBalancer').find(([, each]) => each.Type === kind) ?? [];
    return ((properties?.SecurityGroups ?? []) as unknown[]).map(logicalId);
  }

  /** Ports that are open from one end to the other. */
  open(from: End, to: End): Range[] {
    const inbound = this.allowed('Ingress', to, from);
    const outbound = this.allowed('Egress', from, to);
    return inbound.flatMap((one) => outbound.flatMap((other) => overlap(one, other)));
  }

  /** Ports that the groups of one end allow with the other end. */
  private allowed(direction: Direction, own: End, other: End): Range[] {
    if (!own.groups) return EVERYTHING;
    return own.groups.flatMap((group) =>
      this.rules(direction, group)
        .filter((rule) => this.matches(rule, other))
        .flatMap(ranges),
    );
  }

  private rules(direction: Direction, group: string): Properties[] {
    const inline = this.template.Resources[group]?.Properties?.[`SecurityGroup${direction}`] as
      | Properties[]
      | undefined;
    const apart = this.all(`AWS::EC2::SecurityGroup${direction}`)
      .map(([, properties]) => properties)
      .filter(({ GroupId }) => logicalId(GroupId) === group);
    return [...(inline ?? []), ...apart];
  }

  private matches(rule: Properties, { groups, address, isPrivate }: End): boolean {
    if (typeof rule.CidrIp === 'string') {
      const [network = '', length] = rule.CidrIp.split('/');
      const list = new BlockList();
      list.addSubnet(network, Number(length));
      return isIPv4(address) && list.check(address);
    }
    const named = rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId;
    if (named === undefined) throw new Error(`Unsupported kind of rule: ${JSON.stringify(rule)}`);
    return isPrivate && (groups ?? []).includes(logicalId(named));
  }

  private all(type: string): [string, Properties][] {
    return Object.entries(this.template.Resources)
      .filter(([, resource]: [string, TemplateResource]) => resource.Type === type)
      .map(([id, { Properties = {} }]) => [id, Properties]);
  }
}

const EVERYTHING: Range[] = [
  { protocol: 'tcp', from: 0, to: 65_535 },
  { protocol: 'udp', from: 0, to: 65_535 },
];

function ranges({ IpProtocol, FromPort, ToPort }: Properties): Range[] {
  if (IpProtocol === '-1') return EVERYTHING;
  if (IpProtocol !== 'tcp' && IpProtocol !== 'udp') return [];
  return [{ protocol: IpProtocol, from: Number(FromPort), to: Number(ToPort) }];
}

function overlap(one: Range, other: Range): Range[] {
  const from = Math.max(one.from, other.from);
  const to = Math.min(one.to, other.to);
  return one.protocol === other.protocol && from <= to ? [{ protocol: one.protocol, from, to }] : [];
}

/** The logical id that `Ref` or `Fn::GetAtt` references. */
function logicalId(value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  const id = Ref ?? attribute?.[0];
  if (id === undefined) throw new Error(`Not a reference to a resource: ${JSON.stringify(value)}`);
  return id;
}

/** The value of a key, at any depth. */
function deep(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (key in value) return (value as Properties)[key];
  for (const each of Object.values(value)) {
    const found = deep(each, key);
    if (found !== undefined) return found;
  }
  return undefined;
}
