import { statSync } from 'node:fs';

/**
 * The size of a file in bytes, or why it cannot be read, as a clause that follows its path. Throws if it cannot be
 * accessed. Reading a pipe would block the process, so that Ctrl-C has no effect, and reading a device may never end.
 */
export function examineFile(path: string): { readonly size: number } | { readonly complaint: string } {
  const stat = statSync(path);
  if (stat.isDirectory()) return { complaint: 'is a folder' };
  return stat.isFile() ? { size: stat.size } : { complaint: 'is a pipe or a device, not a file' };
}
