import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryOutput } from '../../test/sample-construct.js';
import type { Release } from '../contract/release.js';
import { NodeAssets } from './node-assets.js';
import { archiveKey } from './node-files.js';

temporaryOutput();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'convoke-packages-'));
  writeFileSync(join(folder, 'jicofo_1.0-1_all.deb'), 'one');
});
afterEach(() => rmSync(folder, { recursive: true }));

const packagesOf = (release?: Release) =>
  new NodeAssets(new Stack(new App(), 'Stack'), 'Files', {
    packages: { kind: 'directory', path: folder },
    release,
  }).packages;

describe('the archive of a folder of packages', () => {
  it('is uploaded under the key by which a release names it', () => {
    expect(packagesOf()).toMatchObject({ kind: 'archive', key: archiveKey(folder) });
  });

  it('stays the one of the deployed release when the folder changes', () => {
    const archive = archiveKey(folder);
    writeFileSync(join(folder, 'jicofo_2.0-1_all.deb'), 'two');
    expect(archiveKey(folder)).not.toBe(archive);
    const release = { name: '1.0-1', source: 'folder', packages: {}, date: '', archive };
    expect(packagesOf(release)).toMatchObject({ kind: 'archive', key: archive });
  });
});
