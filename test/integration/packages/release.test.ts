import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';

/** A copy of the checkout, since preparing a release changes files. */
const checkout = mkdtempSync(join(tmpdir(), 'convoke-release-'));
cpSync('.', checkout, {
  recursive: true,
  filter: (path) => !['node_modules', '.git', 'dist'].includes(basename(path)),
});
symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'));
const release = (...args: string[]) =>
  execa('node', ['scripts/release.mjs', ...args], { cwd: checkout, reject: false });
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

describe('a release', () => {
  it('is refused without a version or without a changelog entry', async () => {
    expect(await release('prepare', 'next')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^"next"/),
    });
    const changelog = readFileSync(join(checkout, 'CHANGELOG.md'), 'utf8');
    writeFileSync(join(checkout, 'CHANGELOG.md'), changelog.replace('## [Unreleased]', '## Later'));
    expect((await release('prepare', '9.8.7')).stderr).toContain('has no section "## [Unreleased]"');
    writeFileSync(
      join(checkout, 'CHANGELOG.md'),
      changelog.replace('## [Unreleased]\n', '## [Unreleased]\n\n- A change.\n'),
    );
  });

  it('consists of two packages, notes, an SBOM, and matching checksums', async () => {
    expect(await release('prepare', '9.8.7')).toMatchObject({ exitCode: 0, stderr: '' });
    const folder = join(checkout, 'out');
    const { exitCode, stderr } = await release('build', folder);
    expect(exitCode, stderr).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([
      'SHA256SUMS',
      'convoke-9.8.7.notes.md',
      'convoke-9.8.7.sbom.json',
      'convoke-9.8.7.tgz',
      'convoke-construct-9.8.7.tgz',
    ]);
    await execa('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder });
    expect(readFileSync(join(folder, 'convoke-9.8.7.notes.md'), 'utf8')).toContain('- A change.');
    const sbom = JSON.parse(readFileSync(join(folder, 'convoke-9.8.7.sbom.json'), 'utf8'));
    expect(sbom.metadata.component).toMatchObject({ name: 'convoke', version: '9.8.7' });
    const names = sbom.components.map(({ name }: { name: string }) => name);
    expect(names).toContain('aws-cdk-lib');
    expect(names).not.toContain('vitest');
  }, 300_000);
});
