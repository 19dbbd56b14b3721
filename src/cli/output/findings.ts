import type { Finding } from '../../operations/check/finding.js';
import type { Output } from './output.js';

/** Findings as a table, and under each that needs something done, what. */
export function drawFindings(findings: readonly Finding[], output: Output): string {
  const { paint } = output;
  const mark: Record<Finding['state'], string> = {
    fine: paint.green('✓'),
    wrong: paint.red('✗'),
    unknown: paint.yellow('?'),
    failed: paint.yellow('?'),
  };
  const rows = findings.flatMap(({ subject, state, said, now }) => [
    [mark[state], subject, said],
    ...(now ? [['', '', `→ ${now}`]] : []),
  ]);
  return output.table(['', 'looked at', 'found'], rows);
}
