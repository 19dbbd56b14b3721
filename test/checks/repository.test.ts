import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../src/config/json-schema.js';
import { rightsTable } from '../../src/operations/policy/rights-table.js';
import { RESOURCES } from '../../src/resources/resources.js';

const bin = (name: string, ...args: string[]) =>
  execa(`node_modules/.bin/${name}`, args, { reject: false, all: true });

/** Files that secretlint gets at a time: it compares each with all before, which takes most of its time otherwise. */
const PORTION = 150;

describe('the repository', () => {
  it('is linted and formatted', async () => {
    const { exitCode, all } = await bin('biome', 'ci', '.');
    expect(exitCode, all).toBe(0);
  });

  it.each([
    ['tests included', 'tsconfig.test.json'],
    ['scripts for the browser', 'src/page'],
  ])('type-checks, %s', async (_, project) => {
    const { exitCode, all } = await bin('tsc', '-p', project);
    expect(exitCode, all).toBe(0);
  });

  it('has Lua without warnings', async () => {
    const { exitCode, all } = await execa('luacheck', ['src'], { reject: false, all: true });
    expect(exitCode, all).toBe(0);
  });

  it('imports only from lower layers, without cycles', async () => {
    const { exitCode, all } = await bin('depcruise', 'src', '--output-type', 'err');
    expect(exitCode, all).toBe(0);
  });

  it('has no operation that depends on the cloud: only SDK clients and CDK get the endpoint', () => {
    const files = ['cli', 'operations', 'stack', 'capacity', 'cloud', 'config']
      .flatMap((layer) =>
        readdirSync(`src/${layer}`, { recursive: true }).map((file) => `src/${layer}/${file}`),
      )
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
    const reads = files.filter((file) => /[.{,] *endpoint\b/.test(readFileSync(file, 'utf8')));
    expect(reads.sort()).toEqual(['src/cloud/clients.ts', 'src/operations/deploy.ts']);
  });

  it('contains no secrets', async () => {
    const { stdout } = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
    const files = stdout.split('\0').filter((file) => file && existsSync(file));
    expect(files.length).toBeGreaterThan(PORTION);
    for (let from = 0; from < files.length; from += PORTION) {
      const { exitCode, all } = await bin('secretlint', ...files.slice(from, from + PORTION));
      expect(exitCode, all).toBe(0);
    }
  });

  it('has a published schema that matches the loader’s', () => {
    expect(JSON.parse(readFileSync('schema/convoke.schema.json', 'utf8'))).toEqual(jsonSchema());
  });

  it('documents all rights and kinds of resources', () => {
    expect(readFileSync('docs/rights.md', 'utf8')).toContain(`\n\n${rightsTable()}\n\n`);
    const kinds = RESOURCES.map(({ name }) => `1. ${name}`).join('\n');
    expect(readFileSync('docs/operations.md', 'utf8')).toContain(`\n\n${kinds}\n\n`);
  });

  it('pins every dependency to one version', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const version of Object.values({ ...dependencies, ...devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('has no dependency with a known high or critical vulnerability', async (context) => {
    const { exitCode, stdout, all } = await execa('npm', ['audit', '--json', '--audit-level=high'], {
      reject: false,
      all: true,
    });
    const answer = JSON.parse(stdout) as { vulnerabilities?: unknown; message?: string };
    context.skip(
      answer.vulnerabilities === undefined,
      `the package registry does not answer audits: ${answer.message ?? ''}`,
    );
    expect(exitCode, all).toBe(0);
  });
});
