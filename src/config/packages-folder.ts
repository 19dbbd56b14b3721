import { readdirSync } from 'node:fs';

/** What is wrong with a folder of packages, in a sentence that follows its path; undefined when nothing is. */
export function folderComplaint(path: string): string | undefined {
  try {
    return readdirSync(path).some((name) => name.endsWith('.deb')) ? undefined : 'holds no .deb file';
  } catch {
    return 'is not a folder that can be read';
  }
}
