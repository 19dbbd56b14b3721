import { readdirSync } from 'node:fs';

/** What is wrong with a folder of packages, as a clause that follows its path; undefined if it is valid. */
export function folderComplaint(path: string): string | undefined {
  try {
    return readdirSync(path).some((name) => name.endsWith('.deb')) ? undefined : 'has no .deb files';
  } catch {
    return 'cannot be read as a folder';
  }
}
