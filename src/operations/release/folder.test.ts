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

it('finds the newest version of each package, and older ones that all packages have', async () => {
  both('0.1~fake');
  both('0.10~fake');
  has('jitsi-videobridge2_0.2~fake_all.deb');
  const found = await releasesInFolder(folder);
  expect(found.map(({ name, packages }) => [name, packages])).toEqual([
    ['0.10~fake', { 'jitsi-meet-web': '0.10~fake', 'jitsi-videobridge2': '0.10~fake' }],
    ['0.1~fake', { 'jitsi-meet-web': '0.1~fake', 'jitsi-videobridge2': '0.1~fake' }],
  ]);
  expect(new Set(found.map(({ archive }) => archive)).size).toBe(1);
});

it('takes packages of different versions as one release, named after the web client', async () => {
  has('jitsi-meet-web_1.0.9-1_all.deb', 'jitsi-videobridge2_2.3-9-gabc-1_amd64.deb');
  expect((await releasesInFolder(folder)).map(({ name }) => name)).toEqual(['1.0.9-1']);
});

it('pairs packages of different versions by what each version of jitsi-meet depends on', async () => {
  const versions = {
    '2.0.10741-1': ['1.0-1169-1', '2.3-272-g0360d0488-1'],
    '2.0.10888-1': ['1.0-1174-1', '2.3-287-g4f55d380a-1'],
  };
  for (const [meet, [jicofo, bridge]] of Object.entries(versions))
    has(`jitsi-meet_${meet}_all.deb`, `jicofo_${jicofo}_all.deb`, `jitsi-videobridge2_${bridge}_all.deb`);
  const depends = async (file: string) => {
    const [jicofo, bridge] = Object.entries(versions).find(([meet]) => file.includes(meet))?.[1] ?? [];
    return `jicofo (= ${jicofo}), jitsi-videobridge2 (= ${bridge})`;
  };
  const found = await releasesInFolder(folder, depends);
  expect(found.map(({ name, packages }) => [name, packages])).toEqual([
    ['2.0.10888-1', { jicofo: '1.0-1174-1', 'jitsi-videobridge2': '2.3-287-g4f55d380a-1' }],
    ['2.0.10741-1', { jicofo: '1.0-1169-1', 'jitsi-videobridge2': '2.3-272-g0360d0488-1' }],
  ]);
  const [newest] = await releasesInFolder(folder, async () => '');
  expect(newest?.packages).toMatchObject({ jicofo: '1.0-1174-1' });
});

it('finds none in a folder whose files have other names', async () => {
  has('web.deb');
  expect(await releasesInFolder(folder)).toEqual([]);
});
