import type { ManualRecord, SeenRecord } from '../../operations/dns/record.js';

/** What draws a table, in colour on a terminal. */
interface Canvas {
  readonly paint: Record<'green' | 'yellow' | 'red', (text: string) => string>;
  table(head: readonly string[], rows: readonly (readonly string[])[]): string;
}

/** Records of DNS, one a line, to be copied: name, type, value. With what DNS says of each, where that is known. */
export function drawRecords(records: readonly (ManualRecord | SeenRecord)[], output: Canvas): string {
  const { paint } = output;
  const mark = { seen: paint.green('✓'), missing: paint.yellow('…'), wrong: paint.red('✗'), unknown: '?' };
  const rows = records.map((record) => {
    const state = 'state' in record ? `${mark[record.state]} ${record.detail || record.state}` : '';
    return [record.name, record.type, record.value, state || record.purpose];
  });
  return output.table(['name', 'type', 'value', ''], rows);
}
