import { existsSync } from 'node:fs';
import { installPackages } from '../src/rehearsal/install-packages.js';
import { missingPackages } from '../src/rehearsal/prerequisites.js';

/**
 * What the tests need beyond what a rehearsal needs: Prosody itself, what signs a repository, what lints Lua,
 * and what reads recordings.
 */
const FOR_TESTS = [
  { program: '/usr/bin/prosody', package: 'prosody' },
  { program: '/usr/bin/gpg', package: 'gnupg' },
  { program: '/usr/bin/luacheck', package: 'lua-check' },
  { program: '/usr/bin/ffprobe', package: 'ffmpeg' },
];

/** Installs what is missing, once for all tests. */
export default async function setup(): Promise<void> {
  const packages = [
    ...missingPackages(),
    ...FOR_TESTS.filter(({ program }) => !existsSync(program)).map(({ package: name }) => name),
  ];
  if (packages.length === 0) return;
  process.stdout.write(`Installing with apt: ${packages.join(' ')}\n`);
  await installPackages(packages);
}
