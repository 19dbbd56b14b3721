// Fills packages/construct from dist/: the construct, the modules that it imports, and the node bundle. No others.
import { cpSync, rmSync } from 'node:fs';
import { compiledModules } from '../dist/operations/eject/modules.js';

const folder = 'packages/construct';
rmSync(`${folder}/lib`, { recursive: true, force: true });
for (const module of compiledModules('dist', ['stack/index']))
  cpSync(`dist/${module}`, `${folder}/lib/${module}`);
cpSync('dist/node-bundle', `${folder}/lib/node-bundle`, { recursive: true });
cpSync('LICENSE', `${folder}/LICENSE`);
