import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseDeployment } from '../config/load.js';
import { buildFakes } from './fakes/build.js';
import { rehearsedDeployment } from './packages.js';

const folder = mkdtempSync(join(tmpdir(), 'packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GIVEN = 'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\n';

it('a folder that contains a fake never counts as real, with any file names', async () => {
  const [first = ''] = await buildFakes(folder);
  renameSync(first, join(folder, 'jitsi-videobridge2_2.3-1_all.deb'));
  const deployment = parseDeployment(`${GIVEN}packages: {directory: ${folder}}\n`, 'convoke.yaml');
  const rehearsed = await rehearsedDeployment(deployment, { cache: folder, run: folder });
  expect(rehearsed.media).toBe('fakes');
});
