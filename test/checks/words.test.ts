import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Words that convoke does not use, and their replacements. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/understud(?:y|ies|ied)/, 'fake'],
  [/toolkit stack/, 'bootstrap stack'],
  [/front[ -]door/, 'ingress'],
  [/make-ready/, 'stack recovery'],
  [/surroundings/, 'DNS, metadata, prerequisites …'],
  [/neighbours?/, 'cluster members, others'],
  [/edge-rooms/, 'stick-table sync'],
  [/shard-word/, 'shard state'],
  [/whoever|those who|for whom/, 'a real subject'],
  [/for ever/, 'indefinitely, until …'],
  [/goodbye/, 'closes its connections'],
  [/that (?:is|are) none/, 'unknown, invalid'],
  [/be had/, 'be available'],
  [/at the (?:most|least)/, 'at most, at least'],
  [/anew/, 'again, reload, restart'],
  [/so many/, 'this number of'],
  [/mend(?:s|ed|ing)?/, 'fix'],
  [/one[’']s own/, 'its own, customer managed …'],
  [/(?:that|which|what|it) (?:is|are) no (?!longer|more)/, 'is not a'],
  [/(?:to|from|for|by|of|with) who/, 'a real subject'],
  [/the person/, 'the user'],
];

const FOLDERS = ['src', 'test', 'docs', 'bench', 'scripts', 'examples'];
const KINDS = new Set(['.ts', '.mjs', '.py', '.lua', '.md', '.yaml', '.sh', '.css', '.html']);
const ITSELF = join('test', 'checks', 'words.test.ts');

const files = [
  'README.md',
  'CONTRIBUTING.md',
  ...FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ).filter((file) => KINDS.has(extname(file)) && file !== ITSELF),
];
const lines = files.flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line, index) => ({ place: `${file}:${index + 1}`, line })),
);

describe('no file says', () => {
  it.each(WORDS)('%s, but: %s', (word) => {
    const whole = new RegExp(`\\b(?:${word.source})\\b`, 'i');
    expect(
      lines.filter(({ line }) => whole.test(line)).map(({ place, line }) => `${place}: ${line}`),
    ).toEqual([]);
  });
});
