import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadDeployment } from '../../src/config/load.js';
import { architectureDiagram } from '../../src/operations/diagram/diagram.js';

// After a change of the diagram, "npx vitest run --project checks test/checks/diagrams.test.ts -u" draws them again.
it.each([
  ['solo', 'architecture.svg'],
  ['team', 'architecture-team.svg'],
])('the documents show the diagram of size %s as it is drawn now', async (size, file) => {
  const drawn = architectureDiagram(loadDeployment(join('examples', `${size}.yaml`)));
  await expect(drawn).toMatchFileSnapshot(join('../../docs', file));
});
