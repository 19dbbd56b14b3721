import { z } from 'zod';

/**
 * The protocol between the emulated control plane and the rehearsal's machines. At each tick the emulator posts the
 * desired state and receives the actual state. Calls are level-triggered and idempotent: either side may restart
 * without losing anything.
 */

/** Names and paths are inserted into other programs' configuration, so they may not contain line or word breaks. */
const Name = z.string().regex(/^[\w*.-]+$/);
const Path = z.string().regex(/^\/[\x21-\x7e]*$/);

const GroupId = z.string().regex(/^sg-[0-9a-f]+$/);

/** What a rule of a security group allows. */
const GroupRule = z.object({
  /** `all`, or the number of an IP protocol: 1 is ICMP, 6 TCP, 17 UDP. */
  protocol: z.union([z.literal('all'), z.number().int().min(0).max(255)]),
  /** TCP and UDP: first and last destination port. ICMP: type and code, -1 for any. Null: any. */
  ports: z.object({ from: z.number().int().min(-1), to: z.number().int().min(-1) }).nullable(),
  /** The other end, as address ranges, including those of prefix lists. */
  ranges: z.array(z.union([z.cidrv4(), z.cidrv6()])),
  /** The other end, as groups: the private addresses of all their members. */
  groups: z.array(GroupId),
});

const SecurityGroup = z.object({
  id: GroupId,
  inbound: z.array(GroupRule),
  outbound: z.array(GroupRule),
});

const Instance = z.object({
  id: z.string().regex(/^i-[0-9a-f]+$/),
  /** `running`: keep it alive. `terminated`: remove it. Instances that are not listed are removed too. */
  wanted: z.enum(['running', 'stopped', 'terminated']),
  imageId: z.string(),
  type: z.string(),
  architecture: z.string(),
  zone: z.string(),
  region: Name,
  account: z.string(),
  privateIp: z.ipv4(),
  publicIp: z.ipv4().nullable(),
  /** Security groups of its network interface. */
  groups: z.array(GroupId),
  /** As given to EC2: base64. */
  userData: z.string(),
  /** Whether IMDSv1 is refused. */
  tokensRequired: z.boolean(),
  tags: z.record(z.string(), z.string()),
  /** Credentials of the instance profile's role, as IMDS returns them; null without a profile. */
  credentials: z
    .object({
      role: z.string(),
      accessKeyId: z.string(),
      secretAccessKey: z.string(),
      sessionToken: z.string(),
      expiration: z.string(),
    })
    .nullable(),
  /** Auto Scaling's target lifecycle state, shown by IMDS at `autoscaling/target-lifecycle-state`. */
  lifecycleState: z.string().nullable(),
  /** `spot` or `on-demand`. */
  market: z.enum(['spot', 'on-demand']),
  /** Whether it ends like a machine whose power is cut: without a shutdown, and without closing connections. */
  skipOsShutdown: z.boolean(),
  /**
   * When EC2 announced the interruption of this spot instance, and when it happens; null if it is not interrupted.
   */
  interruption: z.object({ noticed: z.iso.datetime(), time: z.iso.datetime() }).nullable(),
});

/** An image of a machine, as a launch template can name it as `imageId`. An image that is not listed is removed. */
const Image = z.object({
  id: z.string().regex(/^ami-[0-9a-f]+$/),
  /** The machine of which it is made. */
  instance: z.string(),
  /** Whether it is made although the machine runs. Otherwise the machine is stopped before, and started afterwards. */
  live: z.boolean(),
});

const TargetGroup = z.object({
  arn: z.string(),
  protocol: z.enum(['HTTP', 'TCP']),
  healthCheck: z.object({
    /** Null: an accepted connection is sufficient. */
    path: Path.nullable(),
    /** Seconds. */
    interval: z.number(),
    /** Seconds. */
    timeout: z.number(),
    healthy: z.number().int(),
    unhealthy: z.number().int(),
    /** Status codes that count as healthy, as AWS writes them: `200` or `200-299`. */
    codes: z.string().regex(/^[\d,-]+$/),
  }),
  targets: z.array(z.object({ id: z.string(), ip: z.ipv4(), port: z.number().int() })),
});

const Balancer = z.object({
  arn: z.string(),
  kind: z.enum(['application', 'network']),
  name: z.string(),
  /** The load balancer's own DNS name. */
  dnsName: Name,
  /** Seconds. */
  idleTimeout: z.number(),
  /** Security groups of its network interfaces. A network load balancer may have none; then nothing is filtered. */
  groups: z.array(GroupId),
  listeners: z.array(
    z.object({
      port: z.number().int(),
      protocol: z.enum(['HTTP', 'HTTPS', 'TLS']),
      /** Names on the listener's certificates. */
      names: z.array(Name),
      action: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('forward'), targetGroup: z.string() }),
        z.object({
          kind: z.literal('redirect'),
          protocol: z.string(),
          port: z.string(),
          status: z.number().int(),
        }),
      ]),
      /** Rules with a fixed response for paths, in order of priority. */
      responses: z
        .array(
          z.object({
            paths: z.array(z.string().regex(/^[A-Za-z0-9_./*?-]+$/)),
            status: z.number().int(),
            type: z.string().regex(/^[a-z]+\/[a-z]+$/),
            body: z
              .string()
              .max(1024)
              .regex(/^[^\r\n]*$/),
          }),
        )
        .default([]),
    }),
  ),
});

/** The desired state, from the control plane. */
export const DesiredState = z.object({
  instances: z.array(Instance),
  images: z.array(Image),
  balancers: z.array(Balancer),
  targetGroups: z.array(TargetGroup),
  /** All security groups of instances and load balancers. */
  securityGroups: z.array(SecurityGroup),
  /**
   * Records of public hosted zones that point to the rehearsal: a name, and a load balancer's DNS name or an address.
   */
  names: z.array(z.object({ name: Name, target: Name })),
});
export type DesiredState = z.infer<typeof DesiredState>;

/** The initial state. */
export const EMPTY_STATE: DesiredState = {
  instances: [],
  images: [],
  balancers: [],
  targetGroups: [],
  securityGroups: [],
  names: [],
};

/** The actual state of the machines. */
export const ActualState = z.object({
  /** By instance id. An instance that is not listed does not exist (any more). */
  machines: z.record(
    z.string(),
    z.object({ state: z.enum(['starting', 'running', 'stopped', 'dead']), reason: z.string() }),
  ),
  /** By image id. An image that is not listed is being made. */
  images: z.record(
    z.string(),
    z.object({ state: z.enum(['pending', 'available', 'failed']), reason: z.string() }),
  ),
  /** By target group ARN, then instance id. */
  targets: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ state: z.enum(['initial', 'healthy', 'unhealthy']), reason: z.string() }),
    ),
  ),
});
export type ActualState = z.infer<typeof ActualState>;
