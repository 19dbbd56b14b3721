import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { REGIONS, supportsBudgets } from '../../src/config/regions.js';
import { LONGEST_NAME } from '../../src/contract/deployment-name.js';
import { LANGUAGES } from '../../src/contract/meetings.js';

/** The settings of a generated `convoke.yaml`. */
export type GeneratedFile = Readonly<Record<string, unknown>> & {
  readonly domain: string;
  readonly region: string;
};

/** Name of the EC2 key pair that generated files mention. */
export const KEY_PAIR = 'office';
/** Placeholder for the ARN of an existing certificate, which the test creates later. */
export const OWN_CERTIFICATE = 'own';

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const letters = (least: number, most: number) =>
  fc.string({
    unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-.'),
    minLength: least,
    maxLength: most,
  });

/** A host name below a top-level domain: no label is empty, or begins or ends with a hyphen. */
function hostName(text: string, top: string): string {
  let before = '';
  let labels = text;
  while (labels !== before) {
    before = labels;
    labels = labels.replace(/^[-.]|[-.]$|[-.](?=\.)|(?<=\.)-/g, 'x');
  }
  return `${labels}.${top}`;
}

const SHORTEST_DOMAIN = 4;
const LONGEST_DOMAIN = 63;
const domain = fc
  .oneof(
    fc.integer({ min: SHORTEST_DOMAIN, max: LONGEST_DOMAIN }),
    // Lengths near the limit of names derived from a domain, and both extremes.
    fc.constantFrom(SHORTEST_DOMAIN, 18, 19, 20, 21, 22, LONGEST_DOMAIN),
  )
  .chain((length) => letters(length - 3, length - 3).map((text) => hostName(text, 'io')));

/** Zones that could contain a domain: itself and its parents, except top-level domains. */
const zonesOf = (name: string): string[] =>
  name
    .split('.')
    .flatMap((_, index, labels) => (index < labels.length - 1 ? [labels.slice(index).join('.')] : []));

const name = letters(1, LONGEST_NAME)
  .map((text) => text.replace(/[-.]+/g, '-').replace(/^[^a-z]+|-+$/g, ''))
  .filter((text) => text.length > 0 && !/-(bootstrap|tls)$/.test(text));

/** Types by architecture. A test leaves out those that a region does not have. */
const SHARD_TYPES = {
  arm64: ['t4g.small', 'c6g.large', 'm6g.xlarge'],
  amd64: ['t3.small', 'c5.large', 'm6i.large'],
};
const BRIDGE_TYPES = {
  arm64: ['c7g.xlarge', 'c6g.xlarge', 'm6g.xlarge'],
  amd64: ['c6i.xlarge', 'c5.xlarge', 'm5.large'],
};

const bridges = (architecture: 'arm64' | 'amd64') =>
  fc.record({
    min: some(fc.integer({ min: 1, max: 3 })),
    max: some(fc.integer({ min: 3, max: 6 })),
    spot: some(fc.integer({ min: 0, max: 100 })),
    types: some(fc.subarray(BRIDGE_TYPES[architecture], { minLength: 1 })),
    timezone: some(fc.constantFrom('Europe/Berlin', 'Asia/Calcutta', 'UTC', 'america/new_york')),
    schedule: some(
      fc.constantFrom(
        [{ days: 'mon-fri', from: '07:30', until: '16:00', min: 2 }],
        [
          { days: 'sat,sun', from: '00:00', until: '23:59', min: 3 },
          { days: 'mon', from: '08:00', until: '09:00', min: 1 },
        ],
      ),
    ),
  });

const meetings = fc.record({
  title: some(fc.constantFrom('Meet', 'Besprechungen & "Räume" <1>', '会議 $(id) \\ %s')),
  language: some(fc.constantFrom(...LANGUAGES)),
  resolution: some(fc.constantFrom(180, 360, 720, 1080)),
  startMuted: some(fc.record({ audio: some(fc.nat(1000)), video: some(fc.nat(1000)) })),
  watermark: some(fc.boolean()),
  lobby: some(fc.constantFrom('on', 'off')),
  privacy: some(fc.constant('https://example.org/privacy?a=b&c=d')),
  welcome: some(fc.boolean()),
  embedding: some(fc.constantFrom('anywhere', 'nowhere', ['https://intranet.example.org:8443'])),
  logo: some(fc.constantFrom('logo.svg')),
});

const recording = fc.record({
  max: fc.integer({ min: 2, max: 5 }),
  ready: some(fc.integer({ min: 1, max: 2 })),
  keep: some(fc.constantFrom('1d', '400d', 'forever')),
  who: some(fc.constantFrom('moderators', 'everyone')),
});

const ssh = fc.constantFrom(
  { key: KEY_PAIR, from: { office: '203.0.113.0/24' } },
  { key: KEY_PAIR, from: { 'home 1': '198.51.100.7/32', vpn: '192.0.2.0/28' } },
);

const login = fc.record({
  issuer: fc.constantFrom('https://accounts.google.com', 'https://id.example.org/realms/a'),
  client: fc.constant('123.apps'),
  allow: fc.constantFrom(
    'everyone',
    { domains: ['example.org'] },
    { claim: 'groups', values: ['a "b"', "c' $(d)"] },
  ),
  moderators: some(fc.constant({ claim: 'realm_access.roles', values: ['host'] })),
  session: some(fc.constantFrom('1h', '168h')),
  hostless: some(fc.constantFrom('1m', '1440m')),
});

const packages = fc.constantFrom(
  'official',
  { release: '2.0.10655-1' },
  { directory: 'packages' },
  { apt: 'https://apt.example.org/', suite: 'stable/', key: 'key.asc' },
);

/** Files of every size with every setting, in all regions. Paths in them are relative to a folder that `writeParts` fills. */
export const generatedFile: fc.Arbitrary<GeneratedFile> = fc
  .record({ domain, architecture: fc.constantFrom('arm64' as const, 'amd64' as const) })
  .chain((given) => {
    const zones = zonesOf(given.domain);
    return fc.record({
      domain: fc.constant(given.domain),
      name: some(name),
      region: fc.constantFrom(...REGIONS),
      alerts: fc.constantFrom('ops@example.org', "o'ps+jitsi@mail.example.org"),
      size: some(fc.constantFrom('solo', 'team', 'fleet')),
      shards: some(fc.integer({ min: 2, max: 8 })),
      bridges: some(bridges(given.architecture)),
      dns: fc.oneof(
        // By default the zone is the domain without its first label.
        fc.constantFrom(...(zones.length > 1 ? [undefined] : []), ...zones.map((zone) => ({ zone }))),
        fc.constant('manual'),
      ),
      certificate: some(fc.constant(OWN_CERTIFICATE)),
      machines: some(
        fc.record({
          architecture: fc.constant(given.architecture),
          shard: some(fc.constantFrom(...SHARD_TYPES[given.architecture])),
        }),
      ),
      packages: some(packages),
      diagnostics: some(fc.constantFrom('redacted', 'full')),
      access: some(fc.constantFrom('open', 'members', 'hosts')),
      login,
      meetings: some(meetings),
      recording: some(recording),
      turn: some(fc.constantFrom('on', 'off')),
      dashboard: some(fc.constantFrom('on', 'off')),
      hours: some(fc.constant({ open: [{ days: 'mon-sun', from: '00:30', until: '23:00' }] })),
      shell: some(fc.constantFrom('on', 'off')),
      prometheus: some(fc.constant({ from: { monitoring: '10.0.0.0/8' } })),
      budget: some(fc.integer({ min: 1, max: 1_000_000 }).map((monthly) => ({ monthly }))),
      ssh: some(ssh),
    });
  })
  .map(({ hours, ...others }) => {
    // Hours and schedule have one time zone.
    const timezone = others.bridges?.timezone ?? 'UTC';
    const given = { ...others, ...(hours && { hours: { ...hours, timezone } }) };
    const size = given.size ?? 'solo';
    const fits: Record<string, boolean> = {
      shards: size === 'fleet',
      bridges: size !== 'solo',
      login: given.access === 'hosts',
      budget: supportsBudgets(given.region),
    };
    // Types of bridges have to match the architecture, which then has to be given.
    const machines = given.machines ?? {
      architecture: given.bridges?.types ? architectureOf(given.bridges.types) : 'arm64',
    };
    return JSON.parse(
      JSON.stringify(
        Object.fromEntries(Object.entries({ ...given, machines }).filter(([key]) => fits[key] !== false)),
      ),
    ) as GeneratedFile;
  });

/** The same file with another size: a team instead of solo, solo instead of the others. */
export function resized({ shards: _, bridges: __, ...file }: GeneratedFile): GeneratedFile {
  return { ...file, size: (file.size ?? 'solo') === 'solo' ? 'team' : 'solo' };
}

const architectureOf = (types: readonly string[]) =>
  types.every((type) => BRIDGE_TYPES.arm64.includes(type)) ? 'arm64' : 'amd64';

/** The same file without instance types that its region does not have. All regions have the defaults. */
export function withTypesOf(file: GeneratedFile, offered: (type: string) => boolean): GeneratedFile {
  const written = JSON.parse(JSON.stringify(file));
  if (written.machines?.shard && !offered(written.machines.shard)) delete written.machines.shard;
  if (written.bridges?.types) {
    written.bridges.types = written.bridges.types.filter(offered);
    if (written.bridges.types.length === 0) delete written.bridges.types;
  }
  return written;
}

/** Writes the files that generated deployments reference: a logo, a folder of packages, and a repository's key. */
export function writeParts(folder: string): void {
  writeFileSync(
    join(folder, 'logo.svg'),
    '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>\n',
  );
  mkdirSync(join(folder, 'packages'));
  for (const name of ['jitsi-meet_1_all.deb', 'jibri_1_all.deb'])
    writeFileSync(join(folder, 'packages', name), 'no package, but uploaded like one');
  writeFileSync(
    join(folder, 'key.asc'),
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n',
  );
}
