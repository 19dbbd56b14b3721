import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Deployment } from '../../config/deployment.js';
import { makeFolder } from '../../config/folder.js';
import { ConvokeError } from '../../contract/errors.js';
import { NODE_BUNDLE_FOLDER } from '../../stack/node-files.js';
import { app, type Template } from '../synthesize.js';
import { makeScratch } from '../temporary-folder.js';
import { appText, cdkJson, packageJson } from './app.js';
import { compiledModules } from './modules.js';
import { readme } from './readme.js';

/** convoke's own compiled code, from which the constructs are taken. */
const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));
/** Where the ejected app's modules begin. */
const ENTRIES = ['stack/deployment-stack', 'stack/bootstrap-stack'];

export interface Ejected {
  /** The folder, absolute. */
  readonly folder: string;
  /** What was written, relative to it, in order. */
  readonly files: readonly string[];
}

/**
 * Writes a deployment so that it can be maintained without convoke: its CloudFormation templates with the files that
 * machines download, and a CDK app that synthesizes the same templates. Needs no credentials and no network.
 *
 * Throws `FolderNotEmpty`.
 */
export async function eject(deployment: Deployment, to: string): Promise<Ejected> {
  const folder = resolve(to);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new ConvokeError('FolderNotEmpty', {
      what: `${folder} is not empty.`,
      now: 'Use --to to name a folder that is empty or does not exist.',
      fault: 'user',
    });
  }
  const scratch = makeScratch();
  try {
    const draft = join(scratch.path, 'draft');
    write(deployment, draft);
    move(draft, folder);
  } finally {
    scratch.remove();
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return { folder, files: files.sort() };
}

/** Puts a folder in the place of one that is empty or not there: whole or not at all, but for another file system. */
function move(from: string, to: string): void {
  makeFolder(dirname(to));
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    cpSync(from, to, { recursive: true });
  }
}

function write(deployment: Deployment, folder: string): void {
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const template = writeTemplates(deployment, join(folder, 'templates'));
  for (const module of compiledModules(DIST, ENTRIES))
    put(join('lib', module), readFileSync(join(DIST, module), 'utf8'));
  cpSync(NODE_BUNDLE_FOLDER, join(folder, 'lib/node-bundle'), { recursive: true });
  put('app.mjs', appText);
  put('deployment.json', json(withItsFiles(deployment, folder)));
  put('package.json', json(packageJson(deployment)));
  put('cdk.json', json(cdkJson(deployment)));
  put('.gitignore', 'node_modules\ncdk.out\n');
  put('README.md', readme(deployment, template));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What CDK says of the files that belong to a stack. */
const AssetManifest = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string(), packaging: z.enum(['file', 'zip']) }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

/** Both templates, and the files for the bucket under the names that the template knows. Answers with the deployment's. */
function writeTemplates(deployment: Deployment, folder: string): Template {
  const scratch = makeScratch();
  try {
    const made = app(deployment, scratch.path);
    const assembly = made.app.synth();
    mkdirSync(join(folder, 'files'), { recursive: true });
    const artifact = assembly.getStackArtifact(made.deployment.artifactId);
    const bootstrap = assembly.getStackArtifact(made.bootstrap.artifactId);
    writeFileSync(join(folder, 'bootstrap.json'), json(bootstrap.template));
    writeFileSync(join(folder, 'deployment.json'), json(artifact.template));
    const manifest = join(scratch.path, `${made.deployment.artifactId}.assets.json`);
    const { files } = AssetManifest.parse(JSON.parse(readFileSync(manifest, 'utf8')));
    for (const { source, destinations } of Object.values(files)) {
      // CDK uploads the template itself too; a folder of packages it makes an archive of, which only it can.
      if (source.path === artifact.templateFile || source.packaging === 'zip') continue;
      for (const { objectKey } of Object.values(destinations))
        cpSync(join(scratch.path, source.path), join(folder, 'files', objectKey));
    }
    return artifact.template as Template;
  } finally {
    scratch.remove();
  }
}

/** The deployment with the files that it names beside it. */
function withItsFiles(deployment: Deployment, folder: string): Deployment {
  const { meetings, packages } = deployment;
  const logo = meetings.logo && { ...meetings.logo, path: `logo${extname(meetings.logo.path)}` };
  if (logo) cpSync(meetings.logo?.path ?? '', join(folder, logo.path));
  if (packages.kind === 'directory') cpSync(packages.path, join(folder, 'packages'), { recursive: true });
  return {
    ...deployment,
    meetings: { ...meetings, ...(logo && { logo }) },
    packages: packages.kind === 'directory' ? { ...packages, path: 'packages' } : packages,
  };
}
