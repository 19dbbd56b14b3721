import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { ConvokeError } from '../../contract/errors.js';
import { makeScratch } from '../../operations/temporary-folder.js';

export interface PackageFile {
  /** Absolute, as on the machine. */
  readonly path: string;
  readonly text: string;
  /** Default: 0644. */
  readonly mode?: number;
}

export interface DebianPackage {
  readonly name: string;
  readonly depends: readonly string[];
  /** One line. */
  readonly summary: string;
  readonly files: readonly PackageFile[];
  /** Configuration files under `/etc`, which keep an administrator's changes in an upgrade. */
  readonly conffiles?: readonly string[];
  /** Shell that runs when the package is configured. */
  readonly postinst?: string;
  /** Shell that runs when the package is removed or purged. */
  readonly prerm?: string;
}

/** Modification time of every file in a package, so that builds are reproducible: 1 January 2026. */
const EPOCH = '1767225600';
const OPTIONS = ['--root-owner-group', '-Zgzip'];

/** A digest of everything that {@link buildDeb} makes a package of. */
export const debDigest = (pkg: DebianPackage, version: string): string =>
  createHash('sha256')
    .update(JSON.stringify([pkg.name, version, EPOCH, OPTIONS, contents(pkg, version)]))
    .digest('hex');

/** Builds `NAME_VERSION_all.deb` in the folder and returns its path. */
export async function buildDeb(pkg: DebianPackage, version: string, outDir: string): Promise<string> {
  const scratch = makeScratch();
  // dpkg-deb requires a folder that is accessible to everybody.
  const root = join(scratch.path, 'root');
  try {
    for (const { path, text, mode = 0o644 } of contents(pkg, version)) {
      const file = join(root, path);
      await mkdir(dirname(file), { recursive: true, mode: 0o755 });
      await writeFile(file, text, { mode });
    }
    // Sets the modes of all files above, independent of the umask.
    await execa('chmod', ['-R', 'u=rwX,go=rX', root]);
    const deb = join(outDir, `${pkg.name}_${version}_all.deb`);
    await execa('dpkg-deb', [...OPTIONS, '--build', root, deb], {
      env: { SOURCE_DATE_EPOCH: EPOCH },
    });
    return deb;
  } catch (cause) {
    // Such as a full disk.
    if ((cause as NodeJS.ErrnoException).syscall && (cause as NodeJS.ErrnoException).code !== 'ENOENT')
      throw cause;
    throw new ConvokeError('FakeNotBuilt', {
      what: `The fake package ${pkg.name} could not be built.`,
      why: cause instanceof Error ? cause.message : String(cause),
      now: 'See that dpkg-deb is there ("apt-get install dpkg") and that the disk has room, then run the same command again.',
      cause,
    });
  } finally {
    scratch.remove();
  }
}

const contents = (pkg: DebianPackage, version: string): PackageFile[] => [
  ...pkg.files,
  ...control(pkg, version),
];

function control(pkg: DebianPackage, version: string): PackageFile[] {
  const script = (name: string, body: string | undefined): PackageFile[] =>
    body ? [{ path: `/DEBIAN/${name}`, text: `#!/bin/sh\nset -e\n${body}`, mode: 0o755 }] : [];
  const fields = `Package: ${pkg.name}
Version: ${version}
Architecture: all
Section: net
Priority: optional
Maintainer: convoke rehearsal <root@localhost>
${pkg.depends.length > 0 ? `Depends: ${pkg.depends.join(', ')}\n` : ''}Description: ${pkg.summary}
 A fake takes the real package's place in a rehearsal: same paths, ports
 and answers. It carries no sound and no pictures.
`;
  return [
    { path: '/DEBIAN/control', text: fields },
    ...(pkg.conffiles
      ? [{ path: '/DEBIAN/conffiles', text: pkg.conffiles.map((path) => `${path}\n`).join('') }]
      : []),
    ...script('postinst', pkg.postinst),
    ...script('prerm', pkg.prerm),
  ];
}
