import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { REGIONS } from '../../src/config/regions.js';
import { DEFAULT_SHARD_TYPE, defaultBridgeType } from '../../src/config/size.js';
import { installChecker } from './pypi.js';

/** EC2's instance types by region, from cfn-lint, next to a description. */
const Listed = z.object({ description: z.string() }).catchall(z.object({ enum: z.array(z.string()) }));

it('every region has the default instance types', async () => {
  const home = await installChecker('cfn-lint');
  const file = (readdirSync(home, { recursive: true }) as string[]).find((name) =>
    name.endsWith('extensions/aws_ec2_instance/instancetype_enum.json'),
  );
  const listed = Listed.parse(JSON.parse(readFileSync(join(home, file ?? ''), 'utf8')));
  const lacking = REGIONS.flatMap((region) =>
    (['arm64', 'amd64'] as const)
      .flatMap((architecture) => [DEFAULT_SHARD_TYPE[architecture], defaultBridgeType(architecture, region)])
      .filter((type) => !listed[region]?.enum.includes(type))
      .map((type) => `${region} ${type}`),
  );
  expect(lacking).toEqual([]);
}, 300_000);
