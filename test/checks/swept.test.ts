import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KINDS } from '../../src/cloud/sweep/sweep.js';
import { loadDeployment } from '../../src/config/load.js';
import { templates } from '../../src/operations/synthesize.js';
import { RESOURCES } from '../../src/resources/resources.js';
import { releases } from '../sample-release.js';

it('the sweep looks for every resource type of the templates', () => {
  const made = readdirSync('examples')
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => {
      const { bootstrap, deployment } = templates(
        { ...loadDeployment(join('examples', name)), image: 'baked' },
        releases,
      );
      return [...Object.values(bootstrap.Resources), ...Object.values(deployment.Resources)];
    });
  const types = RESOURCES.flatMap((kind) => kind.types);
  expect([...new Set(made.map(({ Type }) => Type))].sort()).toEqual(types.toSorted());
});

it('the sweep has a unique name for every kind of resource', () => {
  const names = RESOURCES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(KINDS.map(({ name }) => name)).toEqual(names);
});
