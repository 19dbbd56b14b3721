// npm run release: what a release consists of, in a folder. It publishes nothing.
//   npm run release -- prepare 0.2.0   sets the version, and gives the changelog's section "[Unreleased]" that name
//   npm run release -- build [FOLDER]  writes both packages, the notes, an SBOM and SHA-256 sums (default: release)
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const MANIFESTS = ['package.json', 'package-lock.json', 'packages/construct/package.json'];
const CHANGELOG = 'CHANGELOG.md';

const read = (file) => readFileSync(file, 'utf8');
const npm = (...args) => execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

class Refusal extends Error {}

function prepare(version) {
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version ?? ''))
    throw new Refusal(`"${version ?? ''}" is not a version. Give one such as 0.2.0.`);
  const changelog = read(CHANGELOG);
  if (!changelog.includes('\n## [Unreleased]\n'))
    throw new Refusal(
      `${CHANGELOG} has no section "## [Unreleased]". Describe the changes in one, then run this again.`,
    );
  const today = new Date().toISOString().slice(0, 10);
  writeFileSync(CHANGELOG, changelog.replace('\n## [Unreleased]\n', `\n## [${version}] - ${today}\n`));
  for (const file of MANIFESTS) {
    const manifest = JSON.parse(read(file));
    manifest.version = version;
    if (manifest.packages?.['']) manifest.packages[''].version = version;
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
}

function build(folder) {
  const versions = new Set(MANIFESTS.map((file) => JSON.parse(read(file)).version));
  const [version] = versions;
  if (versions.size > 1)
    throw new Refusal(
      `The versions differ: ${[...versions].join(', ')}. Run "npm run release -- prepare VERSION".`,
    );
  const notes = section(version);
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) throw new Refusal(`${folder} is not empty. Name a folder that is.`);
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: ['ignore', 2, 2] });
  for (const source of ['.', './packages/construct'])
    npm('pack', source, '--silent', '--pack-destination', folder);
  writeFileSync(join(folder, `convoke-${version}.notes.md`), notes);
  writeFileSync(join(folder, `convoke-${version}.sbom.json`), `${JSON.stringify(sbom(), null, 2)}\n`);
  const sums = readdirSync(folder)
    .sort()
    .map((name) => `${sha256(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
  process.stdout.write(
    `${readdirSync(folder).sort().join('\n')}\nare in ${folder}. Nothing was published.\n`,
  );
}

/** A CycloneDX bill of materials of what users install, from the lock file, which lists every platform's packages. */
function sbom() {
  const bill = JSON.parse(npm('sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'));
  // Some versions of npm name the root after its folder, and with "--omit dev" leave out shared dependencies too.
  bill.metadata.component.name = 'convoke';
  const isDevelopment = ({ properties = [] }) =>
    properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
  bill.components = bill.components.filter((component) => !isDevelopment(component));
  const kept = new Set([bill.metadata.component, ...bill.components].map((part) => part['bom-ref']));
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map((entry) => ({ ...entry, dependsOn: entry.dependsOn?.filter((ref) => kept.has(ref)) }));
  return bill;
}

/** What the changelog says of a version, without the heading. */
function section(version) {
  const found = read(CHANGELOG)
    .split(/^## /m)
    .find((text) => text.startsWith(`[${version}]`));
  if (!found)
    throw new Refusal(
      `${CHANGELOG} has no section "## [${version}]". Run "npm run release -- prepare ${version}".`,
    );
  return `${found.slice(found.indexOf('\n')).trim()}\n`;
}

try {
  const [step, argument] = process.argv.slice(2);
  if (step === 'prepare') prepare(argument);
  else if (step === 'build') build(resolve(argument ?? 'release'));
  else throw new Refusal('Say what to do: prepare VERSION, or build [FOLDER].');
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
