import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadDeployment } from '../../src/config/load.js';
import { templates } from '../../src/operations/synthesize.js';
import { releases } from '../sample-release.js';
import { installChecker } from './pypi.js';

/** The part of cfn-lint's report that is read here. */
const Report = z.array(
  z.object({
    Filename: z.string(),
    Message: z.string(),
    Rule: z.object({ Id: z.string() }),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])).nullish() }),
  }),
);

const EXAMPLES = readdirSync('examples').filter((name) => name.endsWith('.yaml'));
const STACKS = ['bootstrap', 'deployment'] as const;

describe('cfn-lint, on the templates of every example', () => {
  const folder = mkdtempSync(join(tmpdir(), 'convoke-templates-'));
  const fileOf = (example: string, stack: (typeof STACKS)[number]) =>
    join(folder, `${example}.${stack}.json`);
  let report: z.infer<typeof Report>;

  // Starting cfn-lint takes longer than checking a template, so one run checks them all.
  beforeAll(async () => {
    const home = await installChecker('cfn-lint');
    const deployments = EXAMPLES.map((example) => ({
      example,
      deployment: loadDeployment(join('examples', example)),
    }));
    for (const { example, deployment } of deployments) {
      const synthesized = templates({ ...deployment, image: 'baked' }, releases);
      for (const stack of STACKS) writeFileSync(fileOf(example, stack), JSON.stringify(synthesized[stack]));
    }
    const regions = [...new Set(deployments.map(({ deployment }) => deployment.region))];
    const { stdout } = await execa(
      join(home, 'bin/python'),
      [
        join(home, 'bin/cfn-lint'),
        ...['--format', 'json', '--regions', ...regions],
        ...['--template', ...EXAMPLES.flatMap((example) => STACKS.map((stack) => fileOf(example, stack)))],
      ],
      { reject: false },
    );
    report = Report.parse(JSON.parse(stdout));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(EXAMPLES.flatMap((example) => STACKS.map((stack) => [example, stack] as const)))(
    'finds no error and no warning (%s, %s)',
    (example, stack) => {
      const found = report
        .filter(({ Filename }) => Filename === fileOf(example, stack))
        .map(({ Rule, Message, Location }) => `${Rule.Id} ${Message} (${Location.Path?.join('/') ?? ''})`);
      expect(found).toEqual([]);
    },
  );
});
