import { randomBytes } from 'node:crypto';
import type { DesiredState } from './emulated-state.js';

type Instance = DesiredState['instances'][number];

export interface MetadataRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Address of the requesting machine. */
  readonly source: string;
}

export interface MetadataAnswer {
  readonly status: number;
  readonly body: string;
}

/** Maximum lifetime of a token in seconds, as on EC2. */
const LONGEST_TTL = 21_600;

/** Issued tokens: each is valid for one machine and a limited time. */
export class Tokens {
  private readonly issued = new Map<string, { source: string; until: number }>();

  issue(source: string, ttlSeconds: number, now: Date): string {
    const token = randomBytes(30).toString('base64');
    this.issued.set(token, { source, until: now.getTime() + ttlSeconds * 1000 });
    return token;
  }

  holds(token: string, source: string, now: Date): boolean {
    const known = this.issued.get(token);
    return known !== undefined && known.source === source && known.until > now.getTime();
  }
}

/** EC2's metadata service, versions 1 and 2, for all machines. */
export function answerMetadata(
  request: MetadataRequest,
  desired: DesiredState,
  tokens: Tokens,
  now: Date,
): MetadataAnswer {
  const instance = desired.instances.find(({ privateIp }) => privateIp === request.source);
  if (!instance) return { status: 404, body: '' };
  const [version = '', ...rest] = (request.path.split('?')[0] ?? '').split('/').filter(Boolean);

  if (request.method === 'PUT') {
    if (rest.join('/') !== 'api/token') return { status: 404, body: '' };
    const ttl = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds']);
    if (!Number.isInteger(ttl) || ttl < 1 || ttl > LONGEST_TTL) return { status: 400, body: '' };
    return { status: 200, body: tokens.issue(request.source, ttl, now) };
  }
  const token = request.headers['x-aws-ec2-metadata-token'];
  if (token === undefined ? needsToken(request, instance) : !tokens.holds(token, request.source, now)) {
    return { status: 401, body: '' };
  }
  if (version === '') return { status: 200, body: '2009-04-04\n2021-03-23\nlatest' };
  if (rest.length === 0) return { status: 200, body: 'dynamic\nmeta-data\nuser-data' };
  if (rest[0] === 'user-data') {
    return instance.userData
      ? { status: 200, body: Buffer.from(instance.userData, 'base64').toString('utf8') }
      : { status: 404, body: '' };
  }
  return list(tree(instance, now), rest.join('/'));
}

/**
 * cloud-init detects EC2 by its firmware, which a container does not have, and therefore requests without a token.
 */
const needsToken = ({ headers }: MetadataRequest, instance: Instance) =>
  instance.tokensRequired && !headers['user-agent']?.startsWith('Cloud-Init/');

/** The value of a leaf, or the names below a branch, as EC2 lists them. */
function list(leaves: ReadonlyMap<string, string>, path: string): MetadataAnswer {
  const value = leaves.get(path);
  if (value !== undefined) return { status: 200, body: value };
  const below = [...leaves.keys()].filter((leaf) => leaf.startsWith(`${path}/`));
  if (below.length === 0) return { status: 404, body: '' };
  const names = below.map((leaf) => {
    const [name = '', ...more] = leaf.slice(path.length + 1).split('/');
    return more.length ? `${name}/` : name;
  });
  return { status: 200, body: [...new Set(names)].sort().join('\n') };
}

function tree(instance: Instance, now: Date): Map<string, string> {
  const { id, region, zone, privateIp, publicIp, credentials } = instance;
  const name = `ip-${privateIp.replaceAll('.', '-')}.${region}.compute.internal`;
  const mac = macOf(privateIp);
  const leaves: [string, string | null][] = [
    ['meta-data/ami-id', instance.imageId],
    ['meta-data/hostname', name],
    ['meta-data/instance-id', id],
    ['meta-data/instance-life-cycle', instance.market],
    ['meta-data/instance-type', instance.type],
    ['meta-data/local-hostname', name],
    ['meta-data/local-ipv4', privateIp],
    ['meta-data/public-ipv4', publicIp],
    ['meta-data/mac', mac],
    [`meta-data/network/interfaces/macs/${mac}/local-ipv4s`, privateIp],
    [`meta-data/network/interfaces/macs/${mac}/public-ipv4s`, publicIp],
    ['meta-data/placement/availability-zone', zone],
    ['meta-data/placement/region', region],
    ['meta-data/services/domain', 'amazonaws.com'],
    ['meta-data/services/partition', 'aws'],
    ['meta-data/autoscaling/target-lifecycle-state', instance.lifecycleState],
    ...interruption(instance),
    ...Object.entries(instance.tags)
      .filter(([key]) => !key.startsWith('aws:'))
      .map(([key, value]): [string, string] => [`meta-data/tags/instance/${key}`, value]),
    [
      'dynamic/instance-identity/document',
      JSON.stringify({
        accountId: instance.account,
        architecture: instance.architecture,
        availabilityZone: zone,
        imageId: instance.imageId,
        instanceId: id,
        instanceType: instance.type,
        privateIp,
        region,
        version: '2017-09-30',
      }),
    ],
  ];
  if (credentials) {
    leaves.push([
      `meta-data/iam/security-credentials/${credentials.role}`,
      JSON.stringify(
        {
          Code: 'Success',
          LastUpdated: now.toISOString().replace(/\.\d+/, ''),
          Type: 'AWS-HMAC',
          AccessKeyId: credentials.accessKeyId,
          SecretAccessKey: credentials.secretAccessKey,
          Token: credentials.sessionToken,
          Expiration: credentials.expiration,
        },
        null,
        2,
      ),
    ]);
  }
  return new Map(leaves.filter((leaf): leaf is [string, string] => leaf[1] !== null));
}

/** The interruption notice of a spot instance; until then neither leaf nor branch exists. */
function interruption({ interruption: notice }: Instance): [string, string][] {
  if (!notice) return [];
  return [
    ['meta-data/events/recommendations/rebalance', JSON.stringify({ noticeTime: notice.noticed })],
    ['meta-data/spot/instance-action', JSON.stringify({ action: 'terminate', time: notice.time })],
    ['meta-data/spot/termination-time', notice.time],
  ];
}

/** A locally administered MAC address derived from the IP address. */
const macOf = (ip: string) =>
  `02:00:${ip
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;
