import type { Finding } from '../../operations/check/finding.js';
import type { ManualRecord, SeenRecord } from '../../operations/dns/record.js';

/** The parts of `Output` that are needed here. */
interface Canvas {
  readonly paint: Record<'green' | 'yellow' | 'red', (text: string) => string>;
  table(head: readonly string[], rows: readonly (readonly string[])[]): string;
}

/** DNS records, one a line for copying: name, type, value, and the lookup result if there is one. */
export function drawRecords(records: readonly (ManualRecord | SeenRecord)[], output: Canvas): string {
  const { paint } = output;
  const mark = { seen: paint.green('✓'), missing: paint.yellow('…'), wrong: paint.red('✗'), unknown: '?' };
  const rows = records.map((record) => {
    const state = 'state' in record ? `${mark[record.state]} ${record.detail || record.state}` : '';
    return [record.name, record.type, record.value, state || record.purpose];
  });
  return output.table(['name', 'type', 'value', ''], rows);
}

/** Findings as a table, with the required action below each finding that needs one. */
export function drawFindings(findings: readonly Finding[], output: Canvas): string {
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
