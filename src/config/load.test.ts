import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { GOOD, refusalOf } from '../../test/refusal.js';
import { goodSettings, spelt } from '../../test/sample-files.js';
import { ConvokeError } from '../contract/errors.js';
import { loadDeployment, parseDeployment } from './load.js';

const folder = mkdtempSync(join(tmpdir(), 'convoke-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const refusal = (text: string) => refusalOf(text, join(folder, 'convoke.yaml'));

describe('a file with only the required settings', () => {
  it('gets a default for everything else', () => {
    expect(parseDeployment(stringify(GOOD), 'convoke.yaml')).toEqual({
      ...GOOD,
      alerts: { emails: ['ops@example.org'], webhooks: [] },
      language: 'en',
      diagnostics: 'redacted',
      name: 'meet-example-org',
      size: 'solo',
      shards: 1,
      dns: { kind: 'route53', zone: 'example.org' },
      machines: { architecture: 'arm64', shard: 't4g.medium' },
      packages: { kind: 'official' },
      image: 'baked',
      access: 'open',
      meetings: {
        title: 'Jitsi Meet',
        resolution: 720,
        startMuted: {},
        watermark: false,
        lobby: 'off',
        welcome: true,
        embedding: 'anywhere',
      },
      turn: false,
      dashboard: true,
      shell: false,
    });
  });

  it('can pin the release of Jitsi', () => {
    const { packages } = parseDeployment(stringify({ ...GOOD, packages: { release: '2.0.10655-1' } }), 'x');
    expect(packages).toEqual({ kind: 'official', release: '2.0.10655-1' });
  });

  it('can set a budget', () => {
    const { budget } = parseDeployment(stringify({ ...GOOD, budget: { monthly: 49.5 } }), 'x');
    expect(budget).toEqual({ monthly: 49.5 });
  });

  it('can have hosts sign in', () => {
    const login = { issuer: 'https://accounts.google.com', client: 'x', allow: { domains: ['Example.org'] } };
    expect(parseDeployment(stringify({ ...GOOD, access: 'hosts', login }), 'x').login).toEqual({
      ...login,
      allow: { domains: ['example.org'] },
      session: '12h',
    });
  });

  it('has the same meaning with a host name in capitals', () => {
    expect(parseDeployment(stringify({ ...GOOD, domain: 'Meet.Example.ORG' }), 'x').domain).toBe(GOOD.domain);
  });
});

const hosts = (changes: object) => ({
  ...GOOD,
  access: 'hosts',
  login: { issuer: 'https://id.example.org', client: 'x', allow: 'everyone', ...changes },
});

describe('an error is reported with its position, the allowed values, and the nearest spelling', () => {
  it.each([
    [
      'shards by their old name',
      { ...GOOD, size: 'fleet', cells: 2 },
      /:5:1 .*"cells" is not a known setting\. Did you mean "shards"\?/,
    ],
    [
      'the type of shards by its old name',
      { ...GOOD, machines: { cell: 't4g.large' } },
      /:5:3 .*"cell" is not a known setting\. Did you mean "shard"\?/,
    ],
    ['an unknown key', { ...GOOD, alert: 1 }, /:4:1.*\n?.*"alert" is not a known setting.*"alerts"/],
    ['a missing key', { domain: GOOD.domain, region: GOOD.region }, /alerts is missing.*[Mm]ail address/],
    ['a wrong type', { ...GOOD, domain: 5 }, /:1:9.*domain must be a text, not/],
    [
      'a list instead of one value',
      { ...GOOD, region: ['eu-central-1'] },
      /region must be a text, not a list/,
    ],
    ['a scheme', { ...GOOD, domain: 'https://meet.example.org' }, /domain is a URL; give only its host name/],
    ['a trailing dot', { ...GOOD, domain: 'meet.example.org.' }, /domain ends in a dot; remove the dot/],
    ['a path', { ...GOOD, domain: 'meet.example.org/room' }, /has a path/],
    ['an IP address', { ...GOOD, domain: '192.0.2.1' }, /is an IP address/],
    ['an IPv6 address', { ...GOOD, domain: '2001:db8::1' }, /is an IP address/],
    [
      'a region of another partition',
      { ...GOOD, region: 'us-gov-west-1' },
      /is in AWS GovCloud \(US\), which/,
    ],
    ['another word for a language', { ...GOOD, language: 'fr' }, /must be one of en, de, not "fr"\.\n/],
    [
      'no origins',
      { ...GOOD, meetings: { embedding: [] } },
      /meetings\.embedding has no origins: use nowhere/,
    ],
    [
      'one origin without a list',
      { ...GOOD, meetings: { embedding: 'a.org' } },
      /meetings\.embedding must be one of anywhere, nowhere or a list, not "a\.org"/,
    ],
    [
      'ranges without names',
      { ...GOOD, ssh: { key: 'ada', from: ['10.0.0.0/8'] } },
      /ssh\.from must be a group of settings, not a list/,
    ],
    ['letters beyond ASCII', { ...GOOD, domain: 'möte.example.org' }, /ASCII form/],
    ['an unknown region', { ...GOOD, region: 'eu-centrall-1' }, /:2:9.*did you mean eu-central-1/],
    [
      'an unknown size',
      { ...GOOD, size: 'sollo' },
      /size must be one of solo, team, fleet, not "sollo"\. Did you mean "solo"\?/,
    ],
    [
      'a mail address with an umlaut in its domain',
      { ...GOOD, alerts: 'ops@müller.example' },
      /alerts must be written in ASCII for AWS: ops@xn--mller-kva\.example/,
    ],
    [
      'a mail address with an umlaut before its domain',
      { ...GOOD, alerts: 'müller@example.org' },
      /alerts has non-ASCII letters before the @, to which AWS cannot send mail; use another address/,
    ],
    ['an invalid mail address', { ...GOOD, alerts: 'me' }, /alerts is not a mail address/],
    [
      'too little memory for a shard with a bridge',
      { ...GOOD, machines: { shard: 't4g.micro' } },
      /machines\.shard t4g\.micro has 1 GiB of memory, and a shard with a co-located bridge needs at least 2 GiB: use t4g\.small or larger\./,
    ],
    [
      'even less for a bridge',
      { ...GOOD, size: 'team', bridges: { types: ['c7g.large', 't4g.nano'] } },
      /bridges\.types t4g\.nano has 0\.5 GiB of memory, and a bridge needs at least 2 GiB/,
    ],
    ['processors that differ', { ...GOOD, machines: { shard: 'c7i.large' } }, /has amd64 processors/],
    ['a zone of another domain', { ...GOOD, dns: { zone: 'example.net' } }, /does not contain the domain/],
    ['hosts who sign in nowhere', { ...GOOD, access: 'hosts' }, /:4:9 .*access hosts needs "login"/],
    [
      'a login that nobody uses',
      { ...GOOD, login: { issuer: 'https://id.example.org', client: 'x', allow: 'everyone' } },
      /login has no effect with access open: set access to hosts/,
    ],
    [
      'a provider without TLS',
      hosts({ issuer: 'http://id.example.org' }),
      /login\.issuer is not an https URL/,
    ],
    [
      'the address of metadata',
      hosts({ issuer: 'https://id.example.org/.well-known/openid-configuration' }),
      /login\.issuer is the address of the provider’s metadata; give the part before/,
    ],
    [
      'all tenants of Microsoft',
      hosts({ issuer: 'https://login.microsoftonline.com/common/v2.0' }),
      /login\.issuer is for all tenants of Microsoft; give the id of your own/,
    ],
    [
      'nobody who may sign in',
      hosts({ allow: undefined }),
      /login\.allow must be everyone or a group of settings .*, not nothing/,
    ],
    [
      'domains as one word',
      hosts({ allow: 'example.org' }),
      /login\.allow must be everyone or a group of settings \(domains, claim, values\), not "example\.org"/,
    ],
    [
      'a mail address for a domain',
      hosts({ allow: { domains: ['@a.org'] } }),
      /is not a domain such as example\.org/,
    ],
    ['a claim without values', hosts({ allow: { claim: 'groups' } }), /login\.allow\.values is missing/],
    ['an endless session', hosts({ session: '999h' }), /login\.session is longer than 168h/],
    [
      'a meeting without a host for days',
      hosts({ hostless: '1441m' }),
      /login\.hostless is longer than 1440m/,
    ],
    [
      'hours without a host',
      hosts({ hostless: '2h' }),
      /login\.hostless is not a number of minutes such as "10m"/,
    ],
    ['a session in days', hosts({ session: '7d' }), /login\.session is not a number of hours such as "12h"/],
    ['a secret in the file', hosts({ secret: 'x' }), /"secret" is not a known setting/],
    ['a folder without packages', { ...GOOD, packages: { directory: '.' } }, /has no \.deb files/],
    [
      'an invalid release',
      { ...GOOD, packages: { release: 'stable; id' } },
      /packages\.release is not a Debian package version/,
    ],
    [
      'a folder instead of a group',
      { ...GOOD, packages: './debs' },
      /packages must be official or a group of settings \(release, apt, suite, key, directory\), not ".\/debs"/,
    ],
    ['a word for a source of packages', { ...GOOD, packages: 'offical' }, /[Dd]id you mean "official"/],
    ['a negative budget', { ...GOOD, budget: { monthly: -5 } }, /budget\.monthly must be more than 0/],
    ['a budget of nothing', { ...GOOD, budget: { monthly: 0 } }, /budget\.monthly must be more than 0/],
    [
      'a budget in words',
      { ...GOOD, budget: { monthly: 'ten' } },
      /budget\.monthly must be a number, not the text "ten"/,
    ],
    ['a bare budget', { ...GOOD, budget: -5 }, /budget must be a group of settings, not the number -5/],
    [
      'a certificate of another region',
      { ...GOOD, certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/x' },
      /certificate is in us-east-1/,
    ],
  ])('%s', (_, file, said) => {
    expect(refusal(stringify(file))).toMatch(said);
  });

  it.each([
    ['an empty file', '', /is empty/],
    ['a key twice', 'domain: a\ndomain: b\n', /:2:1.*defined twice/],
    ['a tab', 'domain:\n\tx: 1\n', /does not allow tabs.*\n {5}x: 1/],
    ['no YAML', 'domain: "unfinished\n', /not valid YAML/],
    ['a scalar', 'meet.example.org\n', /must be/],
  ])('%s', (_, text, said) => {
    expect(refusal(text)).toMatch(said);
  });

  it('reports all errors at once', () => {
    const said = refusal(stringify({ ...GOOD, domain: 'x.', region: 5, alerts: 'me' }));
    expect(said).toMatch(/3 problems/);
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['is not there', join(folder, 'none.yaml'), /none\.yaml does not exist/],
    ['is a folder', folder, /is a folder/],
  ])('that %s', (_, path, said) => {
    expect(() => loadDeployment(path)).toThrow(said);
  });

  it('that is a pipe, which would block the process', () => {
    const path = join(folder, 'pipe.yaml');
    execFileSync('mkfifo', [path]);
    expect(() => loadDeployment(path)).toThrow(/pipe\.yaml is a pipe or a device, not a file/);
    for (const file of [
      { meetings: { logo: path } },
      { packages: { apt: 'https://a.example/x', suite: 'x', key: path } },
    ])
      expect(refusal(stringify({ ...GOOD, ...file }))).toMatch(
        /pipe\.yaml is a pipe or a device, not a file/,
      );
  });

  it('that has hundreds of problems, of which the first ones are shown', () => {
    const shown = refusal(`domain: ${'['.repeat(20_000)}`);
    expect(shown.match(/:1:\d+ {2}/g)).toHaveLength(20);
    expect(shown).toMatch(/… and \d{3} more\./);
  });

  it('that is not text', () => {
    const path = join(folder, 'binary.yaml');
    writeFileSync(path, Buffer.from([0x64, 0, 1, 2]));
    expect(() => loadDeployment(path)).toThrow(/is not a text file/);
  });

  it('of another encoding, because its letters would be replaced', () => {
    const path = join(folder, 'encoded.yaml');
    const text = `${stringify(GOOD)}meetings: {title: München}\n`;
    writeFileSync(path, Buffer.from(text, 'latin1'));
    expect(() => loadDeployment(path)).toThrow(/is not encoded in UTF-8: line 4 has/);
    writeFileSync(path, Buffer.from(`\ufeff${text}`, 'utf16le'));
    expect(() => loadDeployment(path)).toThrow(/is encoded in UTF-16/);
    writeFileSync(path, `\ufeff${text}`);
    expect(loadDeployment(path).meetings.title).toBe('München');
  });
});

describe('a file with any content', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string()),
    fc.object(),
  );
  const nearly = fc.record(
    Object.fromEntries(
      [
        'domain',
        'region',
        'alerts',
        'name',
        'size',
        'dns',
        'certificate',
        'machines',
        'packages',
        'typo',
      ].map((key) => [key, fc.oneof(anything, fc.constant(GOOD[key as keyof typeof GOOD] ?? 'route53'))]),
    ),
    { requiredKeys: [] },
  );

  it('is accepted or refused with a message, never with a stack trace', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          nearly.map((file) => stringify(file)),
          fc.string(),
        ),
        (text) => {
          try {
            parseDeployment(text, join(folder, 'convoke.yaml'));
          } catch (error) {
            expect(error).toBeInstanceOf(ConvokeError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a file in any style of YAML', () => {
  const written = goodSettings.chain((settings) =>
    spelt(settings).map((text) => ({ settings, text, plain: stringify(settings) })),
  );

  it('is accepted with the same meaning and its values', () => {
    fc.assert(
      fc.property(written, ({ settings, text, plain }) => {
        const deployment = parseDeployment(text, 'convoke.yaml');
        expect(deployment).toEqual(parseDeployment(plain, 'convoke.yaml'));
        expect(deployment).toMatchObject({
          domain: settings.domain,
          region: settings.region,
          alerts: { emails: [settings.alerts], webhooks: [] },
          size: settings.size,
          machines: settings.machines,
          ...(settings.name !== undefined && { name: settings.name }),
          ...(settings.budget !== undefined && { budget: settings.budget }),
          meetings: settings.meetings ?? {},
        });
        expect(deployment.name).toMatch(/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the page of meetings', () => {
  const page = (meetings: object) =>
    parseDeployment(stringify({ ...GOOD, meetings }), join(folder, 'x')).meetings;

  it('has the settings of the file, and Jitsi’s defaults for others', () => {
    expect(page({ title: '  Café “Zum Löwen” ', startMuted: { audio: 0 }, language: 'de' })).toEqual({
      title: 'Café “Zum Löwen”',
      language: 'de',
      resolution: 720,
      startMuted: { audio: 0 },
      watermark: false,
      lobby: 'off',
      welcome: true,
      embedding: 'anywhere',
    });
  });

  it('reads a logo next to the file', () => {
    writeFileSync(join(folder, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect(page({ logo: 'logo.svg' }).logo).toEqual({ path: join(folder, 'logo.svg'), type: 'svg' });
  });

  it.each([
    ['a title too long', { title: 'x'.repeat(61) }, /meetings\.title is longer than 60 characters/],
    ['a title of two lines', { title: 'a\nb' }, /meetings\.title has invisible characters/],
    ['an empty title', { title: '  ' }, /meetings\.title is empty/],
    [
      'a logo in an unknown format',
      { logo: 'binary.yaml' },
      /:5:9.*meetings\.logo .* is neither a PNG nor an SVG/,
    ],
    ['an unknown language', { language: 'dee' }, /language must be one of .*Did you mean "de"/],
    ['a resolution between', { resolution: 500 }, /resolution must be one of 180, 360, 720, 1080, not 500/],
    ['a negative number of people', { startMuted: { video: -1 } }, /startMuted\.video must be at least 0/],
    ['a privacy notice without TLS', { privacy: 'http://example.org' }, /privacy is not an https URL/],
    ['a script for a privacy notice', { privacy: 'javascript:alert(1)' }, /privacy is not an https URL/],
    [
      'a frame that is not an origin',
      { embedding: ['https://a.example.org/x'] },
      /embedding.* is not an origin/,
    ],
    [
      'a lobby that is neither on nor off',
      { lobby: true },
      /meetings\.lobby must be one of on, off, not true/,
    ],
  ])('refuses %s', (_, meetings, said) => {
    expect(refusal(stringify({ ...GOOD, meetings }))).toMatch(said);
  });

  it('can be for members', () => {
    expect(parseDeployment(stringify({ ...GOOD, access: 'members' }), 'x').access).toBe('members');
    expect(refusal(stringify({ ...GOOD, access: 'member' }))).toMatch(/Did you mean "members"/);
  });
});
