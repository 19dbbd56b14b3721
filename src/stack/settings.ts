import {
  type aws_certificatemanager as acm,
  type aws_ec2 as ec2,
  type aws_route53 as route53,
  Stack,
  type aws_s3 as s3,
  type aws_secretsmanager as secrets,
  type aws_sns as sns,
  Token,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { z } from 'zod';
import { mailAddressComplaint, repeated } from '../config/alert-addresses.js';
import {
  bridgeTypes,
  budgetContradiction,
  certificateContradiction,
  loginContradiction,
  processorContradictions,
  recorderTypes,
  zoneContradiction,
} from '../config/contradictions.js';
import type { Bridges, Logo, Meetings, Recording } from '../config/deployment.js';
import type { Hours } from '../config/hours.js';
import { hours, hoursContradictions } from '../config/hours-in-file.js';
import { examineLogo } from '../config/logo.js';
import { memoryContradictions, shardRole } from '../config/memory.js';
import { folderComplaint } from '../config/packages-folder.js';
import { PrometheusAccess } from '../config/prometheus.js';
import { recording, recordingContradictions } from '../config/recording.js';
import type { Remark } from '../config/remark.js';
import { Bridges as BridgesInFile, Budget, ConvokeFile, Machines, shardCount } from '../config/schema.js';
import { inWords, type Path, printable, sentencesOf } from '../config/sentences.js';
import { bridges, DEFAULT_SHARD_TYPE, sizeContradictions } from '../config/size.js';
import { SshAccess } from '../config/ssh.js';
import { turn } from '../config/turn.js';
import { deploymentName } from '../contract/deployment-name.js';
import { PackageSource } from '../contract/package-source.js';
import { Release } from '../contract/release.js';
import { publicSubnets } from './network.js';
import type { JitsiMeetProps } from './props.js';

const construct = <T>(what: string) =>
  z.custom<T>((value) => typeof value === 'object' && value !== null, `is not ${what}`);

/** AWS Budgets notifies no more. */
const MOST_ADDRESSES = 10;

/** One mail address, or a list of them. */
const addresses = z
  .custom<string | readonly string[]>(
    (given) => [given].flat().every((one) => typeof one === 'string'),
    'is neither a mail address nor a list of them',
  )
  .transform((given): readonly string[] => [given].flat())
  .superRefine((given, context) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message });
    if (given.length > MOST_ADDRESSES) complain(`names more than ${MOST_ADDRESSES} addresses`);
    for (const one of given) {
      const complaint = mailAddressComplaint(one);
      if (complaint) complain(given.length === 1 ? complaint : `has "${one}", which ${complaint}`);
    }
    const twice = repeated(given);
    if (twice !== undefined) complain(`has ${twice} twice; remove one`);
  });

/** The schemas of `convoke.yaml`, under the names of the props. */
const Props = z.strictObject({
  name: deploymentName.describe('Prefix of all resource names.'),
  domain: ConvokeFile.shape.domain,
  zones: z
    .tuple([z.string(), z.string()], 'must be two availability zones')
    .refine(([first, second]) => first !== second, 'names the same availability zone twice')
    .optional(),
  vpc: construct<ec2.IVpc>('a VPC').optional(),
  image: construct<ec2.IMachineImage>('a machine image').optional(),
  imageBuilder: z.boolean().default(false),
  alerts: addresses.default([]),
  webhooks: construct<secrets.ISecret>('a secret').optional(),
  language: ConvokeFile.shape.language,
  diagnostics: ConvokeFile.shape.diagnostics,
  alarmTopic: construct<sns.ITopic>('an SNS topic').optional(),
  zone: construct<route53.IHostedZone>('a hosted zone').optional(),
  certificate: construct<acm.ICertificate>('a certificate').optional(),
  architecture: Machines.shape.architecture,
  shardType: Machines.shape.shard,
  shardCount: shardCount(1).default(1),
  bridges: BridgesInFile.optional(),
  hours: ConvokeFile.shape.hours,
  packages: PackageSource.default({ kind: 'official' }),
  release: Release.optional(),
  access: ConvokeFile.shape.access,
  login: ConvokeFile.shape.login,
  meetings: ConvokeFile.shape.meetings,
  recording: ConvokeFile.shape.recording,
  recordingsBucket: construct<s3.IBucket>('a bucket').optional(),
  turn: z.boolean().optional(),
  dashboard: z.boolean().default(true),
  shell: z.boolean().default(false),
  monthlyBudget: Budget.shape.monthly.optional(),
  prometheus: PrometheusAccess.optional(),
  ssh: SshAccess.optional(),
});
type Props = z.infer<typeof Props>;

/** Valid props, with every default filled in. */
export type Settings = Omit<Props, 'bridges' | 'hours' | 'recording' | 'shardType' | 'meetings' | 'turn'> & {
  /** Undefined: always open. */
  readonly hours?: Hours | undefined;
  /** Undefined if the only shard has a co-located bridge. */
  readonly bridges?: Bridges | undefined;
  /** Undefined: there are no recorders. */
  readonly recording?: Recording | undefined;
  readonly shardType: string;
  readonly meetings: Meetings;
  readonly turn: boolean;
};

/**
 * The settings that props describe. Throws an error that names every invalid prop with its value. Called before
 * anything is created.
 */
export function settings(scope: Construct, props: JitsiMeetProps): Settings {
  const parsed = Props.safeParse(props, { reportInput: true });
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap(sentencesOf(Props, { whole: 'The props' }));
    throw invalid(
      scope,
      props,
      problems.map(({ path, key, message }) => ({ at: key === undefined ? path : [...path, key], message })),
    );
  }
  const file = asFile(parsed.data, Stack.of(scope).region);
  const logo = logoOf(parsed.data.meetings.logo);
  const found = [...contradictions(parsed.data, file), ...(logo && 'message' in logo ? [logo] : [])];
  if (found.length > 0 || (logo && 'message' in logo))
    throw invalid(
      scope,
      props,
      found.map(({ keys, message }) => ({ at: keys, message })),
    );
  const { meetings, shardType, hours: opened, recording: recorded, ...rest } = parsed.data;
  return {
    ...rest,
    shardType: shardType ?? DEFAULT_SHARD_TYPE[rest.architecture],
    bridges: bridges(file, rest.architecture),
    ...(opened && { hours: hours(opened) }),
    ...(recorded && { recording: recording(recorded, rest.architecture, file.region) }),
    meetings: { ...meetings, logo },
    turn: turn(file),
  };
}

type AsFile = Pick<ConvokeFile, 'size' | 'bridges' | 'region' | 'turn'>;

/** The equivalent size settings of a file. A region that is known only at deployment is empty. */
function asFile(props: Props, region: string): AsFile {
  return {
    size: !props.bridges ? 'solo' : props.shardCount > 2 ? 'fleet' : 'team',
    bridges: props.bridges,
    region: Token.isUnresolved(region) ? '' : region,
    ...(props.turn !== undefined && { turn: props.turn ? 'on' : 'off' }),
  };
}

function logoOf(path: string | undefined): Logo | Remark | undefined {
  if (path === undefined) return undefined;
  const seen = examineLogo(path);
  return 'complaint' in seen
    ? { keys: ['meetings', 'logo'], message: `meetings.logo ${path} ${seen.complaint}.` }
    : { path, type: seen.type };
}

/** Constraints between several props, or between props and files on this machine. */
function contradictions(props: Props, file: AsFile): Remark[] {
  const found: Remark[] = [];
  const { domain, zone, certificate, architecture, shardCount, shardType, packages } = props;
  if (!zone && !certificate)
    found.push({
      keys: ['zone'],
      message: `zone is missing: give the hosted zone of ${domain}, in which a certificate is validated, or a certificate.`,
    });
  if (props.alerts.length === 0 && !props.alarmTopic)
    found.push({
      keys: ['alerts'],
      message: 'alerts is missing: give a mail address for when something breaks, or an alarmTopic.',
    });
  if (props.alerts.length === 0 && props.alarmTopic && props.monthlyBudget !== undefined)
    found.push({
      keys: ['alerts'],
      message:
        'alerts is missing: monthlyBudget needs a mail address, as AWS Budgets sends its mail by itself.',
    });
  if (props.vpc) found.push(...vpcContradictions(props.vpc, props.zones));
  if (zone && !Token.isUnresolved(zone.zoneName))
    found.push(...zoneContradiction(zone.zoneName.replace(/\.$/, '').toLowerCase(), domain, ['zone']));
  if (file.region && certificate && !Token.isUnresolved(certificate.certificateArn))
    found.push(...certificateContradiction(certificate.certificateArn, file.region));
  if (props.monthlyBudget !== undefined) found.push(...budgetContradiction(file.region, ['monthlyBudget']));
  if (shardCount > 1 && !props.bridges)
    found.push({
      keys: ['bridges'],
      message: `bridges is missing: ${shardCount} shards need a group of bridges that they share. Give "bridges: {}" for one with defaults.`,
    });
  const complaint = packages.kind === 'directory' ? folderComplaint(packages.path) : undefined;
  if (packages.kind === 'directory' && complaint)
    found.push({ keys: ['packages', 'path'], message: `packages.path ${packages.path} ${complaint}.` });
  return [
    ...found,
    ...loginContradiction(props),
    ...hoursContradictions(props),
    ...recordingContradictions(props.recording),
    ...processorContradictions({ is: architecture, keys: ['architecture'] }, [
      ...(shardType ? [{ type: shardType, keys: ['shardType'] }] : []),
      ...bridgeTypes(props.bridges?.types),
      ...recorderTypes(props.recording?.type),
    ]),
    ...memoryContradictions([
      ...(shardType ? [{ type: shardType, keys: ['shardType'], role: shardRole(!props.bridges) }] : []),
      ...bridgeTypes(props.bridges?.types).map((one) => ({ ...one, role: 'bridge' as const })),
      ...recorderTypes(props.recording?.type).map((one) => ({ ...one, role: 'recorder' as const })),
    ]),
    ...sizeContradictions(file),
  ];
}

function vpcContradictions(vpc: ec2.IVpc, zones: Props['zones']): Remark[] {
  const covered = publicSubnets(vpc).map(({ availabilityZone }) => availabilityZone);
  return [
    ...(zones
      ? [
          {
            keys: ['zones'],
            message: 'zones goes with a VPC that is created; the zones of vpc are those of its subnets.',
          },
        ]
      : []),
    ...(covered.length < 2
      ? [
          {
            keys: ['vpc'],
            message: `vpc has public subnets in ${covered.length === 1 ? `one availability zone (${covered[0]})` : 'no availability zone'}; a load balancer needs two zones, and machines need public addresses. Give a VPC with public subnets in two availability zones, or leave vpc out.`,
          },
        ]
      : []),
  ];
}

/** What is wrong, why and what to do, in one text: CDK's command line shows only an error's message. */
function invalid(
  scope: Construct,
  props: JitsiMeetProps,
  problems: readonly { readonly at: Path; readonly message: string }[],
): Error {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const lines = problems.flatMap(({ at, message }) => {
    const value = valueAt(props, at);
    const path = at.map(String).join('.');
    const sentence = Token.isUnresolved(value)
      ? `${path} is known only at deployment, but it is needed at synthesis; give the value itself.`
      : message;
    return [`  ${path}: ${inWords(value)}`, `    ${sentence}`].map(printable);
  });
  return new Error(
    `The props of ${scope.node.path} have ${count}.\n${lines.join('\n')}\nCorrect the props and synthesise again; nothing was created.`,
  );
}

const valueAt = (props: object, path: Path): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    props,
  );
