// Plugins for esbuild that keep out of a bundle what it does not use. Each fails when it finds nothing to change: a new version
// of a package that looks different would otherwise just make the bundle larger.
import { readFile } from 'node:fs/promises';

/** A plugin that changes the files that `filter` matches. `change` answers with the new text, or with undefined. */
const rewriting = (name, filter, change) => ({
  name,
  setup({ onLoad, onStart, onEnd }) {
    let changed = 0;
    onStart(() => {
      changed = 0;
    });
    onLoad({ filter }, async ({ path }) => {
      const contents = change(await readFile(path, 'utf8'));
      if (contents === undefined) return undefined;
      changed++;
      return { contents };
    });
    onEnd(() =>
      changed > 0
        ? {}
        : { errors: [{ text: `"${name}" found nothing to change. Adapt scripts/smaller.mjs.` }] },
    );
  },
});

/**
 * The SDK's schemas name their keys by constants, `{ [_xN]: … }`, and what a computed key does esbuild cannot know, so it
 * keeps the schemas of every action there is: of EC2 780 KiB for the one action that is asked for. With plain keys it
 * leaves out what is not used.
 */
export const plainKeys = () =>
  rewriting('plain keys in the SDK’s schemas', /\/dist-es\/schemas\/schemas_\d+\.js$/, (text) => {
    const constants = new Map(
      [...text.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]),
    );
    let keys = 0;
    const contents = text.replace(/\[(_\w+)\]:/g, (key, name) => {
      if (!constants.has(name)) return key;
      keys++;
      return `${constants.get(name)}:`;
    });
    return keys > 0 ? contents : undefined;
  });

/** zod brings its messages in every language, and offers them as one object, so that esbuild keeps all of them. */
export const englishOnly = () =>
  rewriting('English messages of zod only', /\/zod\/v4\/locales\/index\.js$/, (text) => {
    const [english] = /^export \{ default as en \} from .*$/m.exec(text) ?? [];
    return english;
  });

/** Leaves a module to another bundle, a file beside this one. */
export const fromOtherBundle = (module, file) => ({
  name: `${module} from ${file}`,
  setup({ onResolve, onEnd }) {
    let found = false;
    onResolve({ filter: module }, () => {
      found = true;
      return { path: `./${file}`, external: true };
    });
    onEnd(() =>
      found ? {} : { errors: [{ text: `Nothing imports ${module}. Adapt scripts/bundle-node.mjs.` }] },
    );
  },
});
