import { statSync } from 'node:fs';

/**
 * Why a file cannot be read, as a clause that follows its path; undefined if it can. Throws if it cannot be accessed.
 * Reading a pipe would block the process, so that Ctrl-C has no effect, and reading a device may never end.
 */
export function fileComplaint(path: string): string | undefined {
  const stat = statSync(path);
  if (stat.isDirectory()) return 'is a folder';
  return stat.isFile() ? undefined : 'is a pipe or a device, not a file';
}
