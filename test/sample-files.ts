import fc from 'fast-check';
import { stringify } from 'yaml';
import { REGIONS, supportsBudgets } from '../src/config/regions.js';
import { LANGUAGES } from '../src/contract/meetings.js';

/** The content of a `convoke.yaml`, before it is serialized. */
export type Settings = Record<string, unknown>;

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const domain = fc
  .tuple(label, label, fc.constantFrom('org', 'example', 'co.uk'))
  .map((parts) => parts.join('.'));
const least = {
  domain,
  region: fc.constantFrom(...REGIONS),
  alerts: fc.tuple(label, domain).map((parts) => parts.join('@')),
};

const TYPES = {
  arm64: ['t4g.medium', 'c7g.large', 'm8g.xlarge', 'c7gn.medium'],
  amd64: ['t3.medium', 'c7i.large', 'm7a.xlarge', 'c6in.large'],
} as const;

const schedule = fc.array(
  fc.record({
    days: fc.constantFrom('mon-fri', 'sat,sun', 'Mon', 'tue-thu,sat'),
    from: fc.constantFrom('00:00', '08:30'),
    until: fc.constantFrom('08:31', '23:59'),
    min: fc.integer({ min: 1, max: 20 }),
  }),
  { maxLength: 2 },
);

const meetings = fc.record(
  {
    title: fc.stringMatching(/^[A-Za-zé][A-Za-z“”é&<>"' ]{0,20}[A-Za-zé]$/),
    language: fc.constantFrom(...LANGUAGES),
    resolution: fc.constantFrom(180, 360, 720, 1080),
    startMuted: fc.record(
      { audio: fc.integer({ min: 0, max: 1000 }), video: fc.integer({ min: 0, max: 1000 }) },
      { requiredKeys: [] },
    ),
    watermark: fc.boolean(),
    lobby: fc.constantFrom('on', 'off'),
    welcome: fc.boolean(),
    privacy: fc.webUrl({ validSchemes: ['https'], withQueryParameters: true }),
  },
  { requiredKeys: [] },
);

/** Files that convoke has to accept. */
export const goodSettings: fc.Arbitrary<Settings> = fc
  .record({
    required: fc.record(least),
    size: fc.constantFrom('solo', 'team', 'fleet'),
    architecture: fc.constantFrom('arm64', 'amd64'),
    zone: fc.constantFrom('default', 'named', 'parent'),
    types: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
    more: fc.record(
      {
        name: fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,6}){0,2}$/),
        diagnostics: fc.constantFrom('redacted', 'full'),
        access: fc.constantFrom('open', 'members'),
        dashboard: fc.constantFrom('on', 'off'),
        hours: fc.constant({ open: [{ days: 'mon-fri', from: '07:30', until: '18:00' }] }),
        shell: fc.constantFrom('on', 'off'),
        prometheus: fc.constant({ from: { monitoring: '10.20.1.0/24' } }),
        budget: fc.record({ monthly: fc.constantFrom(0.5, 49.99, 1000) }),
        meetings,
        packages: fc.constantFrom('official', { release: '2.0.10655-1' }),
        ssh: fc.constantFrom({ key: 'ada', from: { office: '203.0.113.0/24', 'at home': '2001:db8::/32' } }),
      },
      { requiredKeys: [] },
    ),
    bridges: fc.record(
      {
        min: fc.integer({ min: 1, max: 20 }),
        spot: fc.integer({ min: 0, max: 100 }),
        timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'),
        schedule,
      },
      { requiredKeys: [] },
    ),
    shards: fc.integer({ min: 2, max: 8 }),
  })
  .map(
    ({ required, size, architecture, zone, types, more: { budget, hours, ...more }, bridges, shards }) => ({
      ...required,
      ...more,
      // Hours and schedule have one time zone.
      ...(hours && { hours: { ...hours, timezone: (size !== 'solo' && bridges.timezone) || 'UTC' } }),
      ...(budget && supportsBudgets(required.region) && { budget }),
      size,
      machines: { architecture, shard: TYPES[architecture][0] },
      ...(zone === 'named' && { dns: { zone: required.domain } }),
      ...(zone === 'parent' && { dns: { zone: required.domain.split('.').slice(1).join('.') } }),
      ...(size === 'fleet' && { shards }),
      ...(size !== 'solo' && {
        bridges: { ...bridges, max: 20, types: types.map((index) => TYPES[architecture][index]) },
      }),
    }),
  );

/** The same settings in different styles of YAML. */
export const spelt = (settings: Settings): fc.Arbitrary<string> =>
  fc.constantFrom(
    stringify(settings),
    stringify(settings, { collectionStyle: 'flow' }),
    JSON.stringify(settings, null, 1),
    stringify(settings, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_SINGLE' }),
    `\uFEFF${stringify(settings)}`,
    stringify(settings).replaceAll('\n', '\r\n'),
    `%YAML 1.2\n---\n# What is wanted.\n${stringify(settings, { indent: 4 })}...\n`,
  );

/** A file that convoke has to refuse. */
export interface BadFile {
  readonly text: string;
  /** The error has to name one of these. */
  readonly names: readonly string[];
  /** The line that the error has to point at; undefined if it cannot be determined in advance. */
  readonly line?: number;
}

const noText = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(['a', 'b']),
  fc.constant({ a: 1 }),
);
const noNumber = fc.constantFrom('ten', '5', true, null, [5], { a: 5 });
const noGroup = fc.constantFrom('yes', 5, true, ['a', { b: 1 }]);
const noWhole = fc.oneof(
  noNumber,
  fc.constantFrom(1.5, -1, 1e9, 2 ** 60, Number.POSITIVE_INFINITY, Number.NaN),
);
const among = (...values: unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...values);

/** Values that are invalid for a setting in every file. */
const WRONG: readonly (readonly [path: string, fc.Arbitrary<unknown>])[] = [
  [
    'domain',
    among('https://meet.example.org', 'meet.example.org/room', 'meet.example.org:443', 'meet.example.org.'),
  ],
  [
    'domain',
    among('192.0.2.1', 'meet', 'möte.example.org', 'a..example.org', '-a.example.org', 'a b.example.org', ''),
  ],
  [
    'domain',
    among('*.example.org', `${'a'.repeat(64)}.org`, `${'abcdefgh.'.repeat(8)}org`, 'x\u001b[31m.example.org'),
  ],
  ['domain', noText],
  [
    'region',
    among('eu-central', 'Frankfurt', 'eu-central-1a', 'us-gov-west-1', 'EU-CENTRAL-1', '', 'eu central 1'),
  ],
  ['region', noText],
  [
    'alerts',
    among(
      'ops',
      'ops@',
      '@example.org',
      'ops@example',
      'a b@example.org',
      'Ops <ops@example.org>',
      'a@b@c.org',
    ),
  ],
  ['alerts', noText],
  ['name', among('Meet', '1meet', '-meet', 'meet_1', 'x'.repeat(21), '', 'a b', 'meet-')],
  ['name', noText],
  ['size', among('large', 'sollo', 'Team', '', 2, null, ['team'])],
  ['shards', noWhole],
  ['bridges', noGroup],
  ['bridges.min', noWhole],
  ['bridges.max', noWhole],
  ['bridges.spot', fc.oneof(noNumber, among(-1, 101, Number.NaN))],
  ['bridges.types', among([], 'c7g.large', ['large'], [5], [null], Array(11).fill('c7g.large'), { a: 1 })],
  ['bridges.timezone', among('Mars/Olympus', 'CEST+2', '+02:00', '', 5, null)],
  ['bridges.schedule', among('mon-fri', { days: 'mon' }, [5], [null], [{ days: 'mon' }])],
  [
    'bridges.schedule',
    fc
      .record({
        days: among('monday', 'mon-', 'mon;tue', '', 1),
        from: among('8:30', '24:00', 'morning', 8.5),
        until: among('25:00', '12:60', null),
        min: among(0, -1, 1000, 'two'),
      })
      .map((entry) => [entry]),
  ],
  ['dns', among('Route53', 'cloudflare', '', 5, null, ['route53'], {}, { zoen: 'example.org' }, { zone: 5 })],
  ['dns', among({ zone: 'example.net' }, { zone: 'org.' }, { zone: 'example.org', id: 'Z1' })],
  [
    'certificate',
    among('arn:aws:acm:eu-central-1:1:certificate/x', 'my.pem', 'arn:aws:iam::123456789012:role/x', ''),
  ],
  ['certificate', noText],
  [
    'ssh',
    among('ada', true, {}, { key: 'ada' }, { key: 'ada', from: {} }, { from: { a: '203.0.113.0/24' } }),
  ],
  ['ssh', among({ key: 'ada', from: { office: '203.0.113.7' } }, { key: '', from: { a: '203.0.113.0/24' } })],
  ['machines', noGroup],
  ['machines.architecture', among('arm', 'x86_64', 'AMD64', '', 64)],
  ['machines.shard', among('large', 't4g', 't4g.', '.medium', 'T4G.medium', 't4g medium', '', 5)],
  [
    'packages',
    among('offical', 5, null, [], {}, { release: 'stable' }, { directory: '/nowhere' }, { directory: '' }),
  ],
  [
    'packages',
    among({ apt: 'ftp://x', suite: 'stable/', key: 'k' }, { apt: 'https://x.org', suite: 'a b', key: 'k' }),
  ],
  [
    'packages',
    among({ apt: 'https://example.org' }, { apt: 'https://x.org', suite: 'stable/', key: '/nowhere' }),
  ],
  ['diagnostics', among('none', 'Full', '', true, null)],
  ['access', among('closed', 'member', 'hosts', '', true, null)],
  [
    'login',
    fc.oneof(noGroup, among({ issuer: 'https://id.example.org' }, { client: 'x', allow: 'everyone' })),
  ],
  ['shell', among('none', 'On', '', true, null)],
  ['dashboard', among('none', 'On', '', true, null)],
  ['budget', noGroup],
  ['budget.monthly', fc.oneof(noNumber, among(0, -5, 1e7, Number.NaN, Number.POSITIVE_INFINITY))],
  ['meetings', noGroup],
  ['meetings.title', fc.oneof(noText, among('', '  ', 'x'.repeat(61), 'a\nb', 'a\u0000b', 'a\u202eb'))],
  ['meetings.language', among('dee', 'german', 'DE', '', 5)],
  ['meetings.resolution', among(0, 500, '720', '720p', null)],
  [
    'meetings.startMuted',
    among(true, 5, { audio: -1 }, { video: 1.5 }, { audio: 'ten' }, { sound: 1 }, { audio: 1001 }),
  ],
  ['meetings.watermark', among('yes', 1, null)],
  ['meetings.lobby', among('yes', true, null)],
  ['meetings.welcome', among('no', 0, [])],
  ['meetings.privacy', among('http://example.org', 'javascript:alert(1)', 'example.org', '', 5)],
  ['meetings.logo', among('', 'nowhere.png', '/etc', 5)],
];

const BASE: Settings = {
  domain: 'meet.example.org',
  region: 'eu-central-1',
  alerts: 'ops@example.org',
  name: 'meet',
  size: 'fleet',
};

/** BASE with something in a place that is named with dots. */
function put(path: string, value: unknown): Settings {
  const [top = '', inner] = path.split('.');
  return { ...BASE, [top]: inner === undefined ? value : { [inner]: value } };
}

/** The line, from 1, at which a setting begins; block style gives each its own. */
const lineOf = (text: string, top: string) =>
  text.split('\n').findIndex((line) => line.startsWith(`${top}:`)) + 1;

const wrongValue: fc.Arbitrary<BadFile> = fc.constantFrom(...WRONG).chain(([path, values]) =>
  values.map((value) => {
    const [top = ''] = path.split('.');
    const text = stringify(put(path, value));
    return { text, names: [top, 'is not a known setting'], line: lineOf(text, top) };
  }),
);

const missing: fc.Arbitrary<BadFile> = fc.constantFrom('domain', 'region', 'alerts').map((key) => {
  const { [key]: _, ...rest } = BASE;
  return { text: stringify(rest), names: [`${key} is missing`] };
});

/** Slips of the finger in the name of a setting, and names that mean something to a program. */
const misspelt: fc.Arbitrary<BadFile> = fc
  .tuple(
    fc.constantFrom('', 'bridges', 'machines', 'meetings', 'budget'),
    fc.oneof(
      fc.stringMatching(/^[a-z]{9,12}$/).map((word) => `x${word}`),
      among(
        'Domain',
        'alert',
        'bridge',
        'spott',
        'regoin',
        '__proto__',
        'constructor',
        'toString',
        '<<x',
        'hasOwnProperty',
      ),
      among('null', 'true', '1', 'x'.repeat(500), 'a b', '…', 'a\u001b[2Jb', 'a\nb'),
    ),
  )
  .map(([group, key]) => {
    const file = group
      ? `${stringify(BASE)}${group}:\n  ${JSON.stringify(key)}: 1\n`
      : `${JSON.stringify(key)}: 1\n${stringify(BASE)}`;
    const line = group ? file.split('\n').length - 1 : 1;
    return { text: file, names: ['is not a known setting'], line };
  });

const contradiction: fc.Arbitrary<BadFile> = fc
  .constantFrom<[Settings, string]>(
    [{ ...BASE, bridges: { min: 5, max: 3 } }, 'bridges.min'],
    [
      { ...BASE, bridges: { schedule: [{ days: 'mon', from: '22:00', until: '02:00', min: 1 }] } },
      'bridges.schedule',
    ],
    [
      { ...BASE, bridges: { schedule: [{ days: 'mon', from: '08:00', until: '09:00', min: 50 }] } },
      'bridges.schedule',
    ],
    [{ ...BASE, size: 'solo', bridges: { min: 2 } }, 'bridges'],
    [{ ...BASE, size: 'team', shards: 3 }, 'shards'],
    [{ ...BASE, machines: { shard: 'c7i.large' } }, 'machines.shard'],
    [{ ...BASE, bridges: { types: ['c7g.large', 'c7i.large'] } }, 'bridges.types'],
    [{ ...BASE, domain: 'example.org' }, 'domain'],
    [{ ...BASE, region: 'eu-north-1', budget: { monthly: 50 } }, 'budget'],
    [{ ...BASE, certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/x' }, 'certificate'],
  )
  .map(([file, name]) => ({ text: stringify(file), names: [name] }));

/** Texts that are not YAML, or YAML that is not a group of settings. */
const noYaml: fc.Arbitrary<BadFile> = fc
  .constantFrom(
    '',
    '# nothing\n',
    'null\n',
    '---\n---\n',
    'meet.example.org\n',
    '- domain\n- region\n',
    '42\n',
    `${stringify(BASE)}domain: other.example.org\n`,
    `${stringify(BASE)}---\n${stringify(BASE)}`,
    'domain: "meet.example.org\nregion: x\n',
    'domain:\n\tx: 1\n',
    'domain: {meet\n',
    'domain: [meet, \n',
    'domain: *nobody\n',
    'domain: &a [*a]\n',
    'a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n',
    'domain: @meet\n',
    'domain: %meet\n',
    'domain: `meet`\n',
    'domain meet.example.org\nregion: x\n',
    'domain: a\n  region: b\n',
    '? [a, b]\n: c\n',
    '? {a: b}\n: c\n',
    ': c\n',
    '<<: 5\n',
    '<<: {domain: meet.example.org}\nregion: 5\n',
    'domain: !!binary aGVsbG8=\nregion: 5\n',
    'domain: !!js/function "x"\nregion: 5\n',
    'domain: !!set {a, b}\n',
    'domain: 2026-11-25\n',
    'domain: |\n  meet\n  example\n',
    'domain: "\\x00"\n',
    '\u0007\u001b]0;x\u0007: 1\n',
    '{"domain": "meet.example.org",}}\n',
    '<html><body>Not found</body></html>\n',
    `domain: ${'['.repeat(2000)}\n`,
    `domain: ${'a'.repeat(100_000)}\n`,
    `${'a: {'.repeat(300)}\n`,
  )
  .map((text) => ({ text, names: [''] }));

/** A valid file with one line replaced by text that no file may have. */
const torn: fc.Arbitrary<BadFile> = fc
  .tuple(goodSettings, fc.constantFrom('}', ']', '"', '\t- x', ': :', '- x', '"a" "b"', '*a', '&', 'x y z'))
  .map(([settings, noise]) => ({ text: `${stringify(settings)}${noise}\n`, names: [''] }));

export const badFile: fc.Arbitrary<BadFile> = fc.oneof(
  { arbitrary: wrongValue, weight: 6 },
  { arbitrary: noYaml, weight: 2 },
  { arbitrary: misspelt, weight: 2 },
  { arbitrary: contradiction, weight: 1 },
  { arbitrary: torn, weight: 1 },
  { arbitrary: missing, weight: 1 },
);
