import type { Finding } from '../../operations/check/finding.js';
import type { Output } from './output.js';

/** Findings as a table, with the required action below each finding that needs one. */
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
  return output.table(['', 'checked', 'result'], rows);
}
