import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a compiled module or its declarations name another module of the same folder. */
const IMPORTED = /\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)\.js['"]/g;

/**
 * The compiled modules that `entries` need, the entries among them, with their declarations: paths relative to `folder`, in
 * order. An entry is such a path without its ending. Throws if a module that is imported does not exist.
 */
export function compiledModules(folder: string, entries: readonly string[]): string[] {
  const files = new Set<string>();
  const visit = (module: string) => {
    if (files.has(`${module}.js`)) return;
    for (const file of [`${module}.js`, `${module}.d.ts`]) {
      files.add(file);
      for (const [, imported = ''] of readFileSync(join(folder, file), 'utf8').matchAll(IMPORTED))
        visit(join(module, '..', imported));
    }
  };
  entries.forEach(visit);
  return [...files].sort();
}
