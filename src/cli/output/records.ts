import type { ManualRecord, SeenRecord } from '../../operations/dns/record.js';
import type { Output } from './output.js';

/** Records of DNS, one a line, to be copied: name, type, value. With what DNS says of each, where that is known. */
export function drawRecords(records: readonly (ManualRecord | SeenRecord)[], output: Output): string {
  const { paint } = output;
  const mark = { seen: paint.green('✓'), missing: paint.yellow('…'), wrong: paint.red('✗'), unknown: '?' };
  const rows = records.map((record) => {
    const state = 'state' in record ? `${mark[record.state]} ${record.detail || record.state}` : '';
    return [record.name, record.type, record.value, state || record.purpose];
  });
  return output.table(['name', 'type', 'value', ''], rows);
}
