/** Options of esbuild for one module for Node.js that has its dependencies in it. */
export const NODE_MODULE = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  // Modules are smaller than the same in CommonJS, because what is not used is left out.
  mainFields: ['module', 'main'],
  minifySyntax: true,
  // Stack traces stay readable, and the same sources always give the same bytes.
  minifyIdentifiers: false,
  legalComments: 'none',
  // A few dependencies are CommonJS and ask for `require`.
  banner: {
    js: "import { createRequire as convokeCreateRequire } from 'node:module'; const require = convokeCreateRequire(import.meta.url);",
  },
  logLevel: 'warning',
};
