import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadDeployment } from '../../src/config/load.js';
import { architectureDiagram } from '../../src/operations/diagram/diagram.js';
import { recorded, solo } from '../sample-deployments.js';

// After a change of the diagram, update them with "npx vitest run --project checks test/checks/diagrams.test.ts -u".
it.each([
  ['solo', 'architecture.svg'],
  ['team', 'architecture-team.svg'],
])('the documents show the current diagram of size %s', async (size, file) => {
  const drawn = architectureDiagram(loadDeployment(join('examples', `${size}.yaml`)));
  await expect(drawn).toMatchFileSnapshot(join('../../docs', file));
});

it('the diagram shows recorders, their number and how long files are kept, if meetings can be recorded', () => {
  expect(architectureDiagram(recorded)).toMatch(/recorders: up to 3<.*>S3, 30 days</s);
  expect(architectureDiagram(solo)).not.toContain('recorders');
});
