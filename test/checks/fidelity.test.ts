import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** A row of the document: what AWS does, who says so, how the rehearsal plays it, and what shows it. */
interface Row {
  readonly behaviour: string;
  readonly source: string;
  readonly played: string;
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
    const [behaviour = '', source = '', played = '', tests = ''] = cells(line);
    return {
      behaviour,
      source,
      played,
      tests: [...tests.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
    };
  });
const isPlayed = (row: Row) => !row.played.startsWith('**Not played**');

describe('the document on fidelity', () => {
  it('has four columns in each row, none empty', () => {
    for (const line of lines) {
      expect(cells(line), line).toHaveLength(4);
      for (const cell of cells(line)) expect(cell, line).not.toBe('');
    }
  });

  it('names each behaviour once', () => {
    expect([...new Set(rows.map(({ behaviour }) => behaviour))]).toHaveLength(rows.length);
  });

  it('names a test that exists for each behaviour that is played', () => {
    for (const row of rows.filter(isPlayed)) expect(row.tests.length, row.behaviour).toBeGreaterThan(0);
    for (const row of rows)
      for (const test of row.tests) expect(existsSync(test), `${test} of "${row.behaviour}"`).toBe(true);
  });

  it('gives a reason for each behaviour that is not played', () => {
    for (const row of rows.filter((row) => !isPlayed(row)))
      expect(row.played, row.behaviour).toMatch(/^\*\*Not played\*\*: .{20,}/);
  });

  it('says what share is played', () => {
    const played = rows.filter(isPlayed).length;
    console.log(
      `${played} of ${rows.length} behaviours are played: ${Math.round((100 * played) / rows.length)} %`,
    );
    expect(rows.length).toBeGreaterThan(0);
  });
});
