// Writes the parts of the documents that the table of resources determines, between their markers.
import { readFileSync, writeFileSync } from 'node:fs';
import { rightsTable } from '../dist/operations/policy/rights-table.js';
import { RESOURCES } from '../dist/resources/resources.js';

const SECTIONS = {
  'docs/rights.md': { statements: rightsTable() },
  'docs/operations.md': { kinds: RESOURCES.map(({ name }) => `1. ${name}`).join('\n') },
};

for (const [file, sections] of Object.entries(SECTIONS)) {
  let text = readFileSync(file, 'utf8');
  for (const [name, content] of Object.entries(sections)) {
    const section = new RegExp(`(<!-- ${name}: .*? -->\n)[^]*?(\n<!-- end of ${name} -->)`);
    if (!section.test(text)) throw new Error(`${file} has no section ${name}.`);
    text = text.replace(section, (_, begin, end) => `${begin}\n${content}\n${end}`);
  }
  writeFileSync(file, text);
}
