import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'convoke-prices-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = '"ChargeCategory","ChargeDescription","ListUnitPrice","ProviderName","RegionId"';
const DISK = '$0.0952 per GB-month of General Purpose (gp3) provisioned storage - EU (Frankfurt)';

async function written(...bills: readonly string[]) {
  const [file, output] = [join(folder, 'bills.csv'), join(folder, 'prices.ts')];
  writeFileSync(file, [HEAD, ...bills, ''].join('\n'));
  const { failed, stderr } = await execa('node', ['scripts/price-snapshot.mjs', file, output], {
    reject: false,
  });
  return failed ? stderr : readFileSync(output, 'utf8');
}

describe('prices of the snapshot', () => {
  it('are AWS’s list prices from bills, in convoke’s units', async () => {
    const text = await written(
      `"Usage","${DISK}","0.0952","AWS","eu-central-1"`,
      '"Usage","$0.01 per 1,000 requests","0.00001","AWS","eu-west-1"',
      '"Usage","$0.00 per request, ""free"", first 1,000,000 requests","0","AWS","eu-west-1"',
      `"Usage","${DISK}","0.5","Another","eu-west-1"`,
    );
    expect(text).toContain("'eu-central-1': [\n    ['disk', 0.0952],\n  ]");
    expect(text).toContain("'eu-west-1': [\n    ['metric requests', 0.01],\n  ]");
  });

  it('are not written if bills have different prices for the same item', async () => {
    const text = await written(
      `"Usage","${DISK}","0.0952","AWS","eu-central-1"`,
      `"Usage","${DISK}","0.08","AWS","eu-central-1"`,
    );
    expect(text).toContain('disk in eu-central-1 costs 0.0952 and 0.08');
  });
});
