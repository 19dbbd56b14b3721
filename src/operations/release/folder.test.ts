import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { releasesInFolder } from './folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packages-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const has = (...files: string[]) => {
  for (const file of files) writeFileSync(join(folder, file), '');
};
const both = (version: string) =>
  has(`jitsi-meet-web_${version}_all.deb`, `jitsi-videobridge2_${version}_all.deb`);

it('finds the newest version of each package, and older ones that all packages have', () => {
  both('0.1~fake');
  both('0.10~fake');
  has('jitsi-videobridge2_0.2~fake_all.deb');
  const found = releasesInFolder(folder);
  expect(found.map(({ name, packages }) => [name, packages])).toEqual([
    ['0.10~fake', { 'jitsi-meet-web': '0.10~fake', 'jitsi-videobridge2': '0.10~fake' }],
    ['0.1~fake', { 'jitsi-meet-web': '0.1~fake', 'jitsi-videobridge2': '0.1~fake' }],
  ]);
  expect(new Set(found.map(({ archive }) => archive)).size).toBe(1);
});

it('takes packages of different versions as one release, named after the web client', () => {
  has('jitsi-meet-web_1.0.9-1_all.deb', 'jitsi-videobridge2_2.3-9-gabc-1_amd64.deb');
  expect(releasesInFolder(folder).map(({ name }) => name)).toEqual(['1.0.9-1']);
});

it('finds none in a folder whose files have other names', () => {
  has('web.deb');
  expect(releasesInFolder(folder)).toEqual([]);
});
