import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install, packed } from './packed.js';

const app = mkdtempSync(join(tmpdir(), 'convoke-consumer-'));
const manifest = JSON.parse(readFileSync('packages/construct/package.json', 'utf8'));
const own = JSON.parse(readFileSync('package.json', 'utf8'));
/** The oldest versions that the package allows. */
const oldest = Object.entries<string>(manifest.peerDependencies).map(
  ([name, range]) => `${name}@${range.replace('^', '')}`,
);
let files: string[];

beforeAll(async () => {
  const construct = await packed('./packages/construct', join(app, 'packed'));
  files = construct.files;
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }');
  await install(app, construct.tarball, ...oldest);
  symlinkSync(resolve('node_modules/@types'), join(app, 'node_modules/@types'));
}, 300_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

describe('the package of the construct', () => {
  it('has the same version as convoke, and only the dependencies of the construct', () => {
    expect(manifest.version).toBe(own.version);
    expect(manifest.engines).toEqual(own.engines);
    expect(Object.keys(manifest.dependencies)).toEqual(['zod']);
    expect(manifest.dependencies.zod).toBe(`^${own.dependencies.zod}`);
  });

  it('contains no part of the command-line tool, and no source maps', () => {
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'lib/node-bundle/convoke-node.mjs']),
    );
    expect(files.filter((file) => /\.map$|^lib\/(cli|operations|cloud|rehearsal)\//.test(file))).toEqual([]);
  });

  it('compiles and synthesizes the example of the guide in an app with the oldest CDK that it allows', async () => {
    const { version } = JSON.parse(readFileSync(join(app, 'node_modules/aws-cdk-lib/package.json'), 'utf8'));
    expect(version).not.toBe(own.dependencies['aws-cdk-lib']);
    writeFileSync(join(app, 'app.ts'), example());
    const compilerOptions = {
      module: 'NodeNext',
      target: 'ES2022',
      strict: true,
      skipLibCheck: false,
      types: ['node'],
      outDir: '.',
      rootDir: '.',
    };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
    const compiled = await execa(resolve('node_modules/.bin/tsc'), [], { cwd: app, reject: false });
    expect(compiled.stdout).toBe('');
    await execa('node', ['app.js'], { cwd: app, env: { CDK_OUTDIR: join(app, 'cdk.out') } });

    const template = readFileSync(join(app, 'cdk.out/Meetings.template.json'), 'utf8');
    const resources: { Type: string; Properties: Record<string, unknown> }[] = Object.values(
      JSON.parse(template).Resources,
    );
    const all = (type: string) =>
      resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
    expect(all('AWS::AutoScaling::AutoScalingGroup').map((group) => group.AutoScalingGroupName)).toEqual([
      'convoke-meet-shard-a',
      'convoke-meet-shard-b',
      'convoke-meet-bridges',
    ]);
    expect(all('AWS::ElasticLoadBalancingV2::LoadBalancer').map(({ Type }) => Type)).toEqual([
      'application',
      'network',
    ]);
    expect(all('AWS::CertificateManager::Certificate')).toHaveLength(1);
    expect(all('AWS::Route53::RecordSet').map(({ Name }) => Name)).toEqual([
      'meet.example.org.',
      'turn.meet.example.org.',
    ]);
    expect(all('AWS::SNS::Subscription').map(({ Endpoint }) => Endpoint)).toEqual([
      'ops@example.org',
      'it@example.org',
    ]);
    expect(template).toContain('Town Hall');
  }, 300_000);

  it('exports no internal modules', async () => {
    const deep = "await import('convoke-construct/lib/stack/settings.js')";
    const { stderr } = await execa('node', ['--input-type=module', '-e', deep], { cwd: app, reject: false });
    expect(stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});

/** The program in the guide's chapter about the construct. */
function example(): string {
  const [, chapter = ''] = readFileSync('docs/guide.md', 'utf8').split('\n## CDK construct\n');
  const [, program = ''] = /```ts\n(.*?)```/s.exec(chapter) ?? [];
  expect(program).toContain('new JitsiMeet(');
  return program;
}
