import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';

const Packed = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);

/** A package as `npm publish` would upload it: its tarball, and the paths in it. */
export async function packed(source: string, into: string): Promise<{ tarball: string; files: string[] }> {
  mkdirSync(into, { recursive: true });
  const { stdout } = await execa('npm', ['pack', source, '--json', '--pack-destination', into]);
  const [{ filename, files }] = Packed.parse(JSON.parse(stdout));
  return { tarball: join(into, filename), files: files.map(({ path }) => path) };
}

/** Installs into a folder, from npm's cache if it has the package. */
export const install = (folder: string, ...packages: string[]) =>
  execa('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], {
    cwd: folder,
  });
