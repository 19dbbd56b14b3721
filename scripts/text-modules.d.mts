import type { Plugin } from 'esbuild';

export function textModules(): Plugin;
export function textModulesForVite(): {
  name: string;
  enforce: 'pre';
  resolveId(path: string, importer?: string): string | undefined;
  load(id: string): Promise<string> | undefined;
};
