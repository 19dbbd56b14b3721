import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** A row of the document: AWS's behaviour, its source, how the rehearsal simulates it, and the test. */
interface Row {
  readonly behaviour: string;
  readonly source: string;
  readonly simulated: string;
  readonly tests: readonly string[];
}

const text = readFileSync('docs/fidelity.md', 'utf8');
const lines = text.split('\n').filter((line) => line.startsWith('|'));
const isHead = (line: string) => /^\|(-|---\||\s*behaviour\s*\|)/.test(line);
const cells = (line: string) =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

const rows: Row[] = lines
  .filter((line) => !isHead(line))
  .map((line) => {
    const [behaviour = '', source = '', simulated = '', tests = ''] = cells(line);
    return {
      behaviour,
      source,
      simulated,
      tests: [...tests.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
    };
  });
const isSimulated = (row: Row) => !row.simulated.startsWith('**Not simulated**');

describe('docs/fidelity.md', () => {
  it('has four columns in each row, none empty', () => {
    for (const line of lines) {
      expect(cells(line), line).toHaveLength(4);
      for (const cell of cells(line)) expect(cell, line).not.toBe('');
    }
  });

  it('names each behaviour once', () => {
    expect([...new Set(rows.map(({ behaviour }) => behaviour))]).toHaveLength(rows.length);
  });

  it('names an existing test for each simulated behaviour', () => {
    for (const row of rows.filter(isSimulated)) expect(row.tests.length, row.behaviour).toBeGreaterThan(0);
    for (const row of rows)
      for (const test of row.tests) expect(existsSync(test), `${test} of "${row.behaviour}"`).toBe(true);
  });

  it('gives a reason for each behaviour that is not simulated', () => {
    for (const row of rows.filter((row) => !isSimulated(row)))
      expect(row.simulated, row.behaviour).toMatch(/^\*\*Not simulated\*\*: .{20,}/);
  });

  it('states the share of simulated behaviours', () => {
    const simulated = rows.filter(isSimulated).length;
    console.log(
      `${simulated} of ${rows.length} behaviours are simulated: ${Math.round((100 * simulated) / rows.length)} %`,
    );
    expect(rows.length).toBeGreaterThan(0);
  });
});
