import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

/** A path of the repository in running text: it begins with one of its folders, and not inside of another path. */
const PATH = /(?<![\w/.~-])(?:src|test|docs|scripts|examples|schema|bench)\/[\w./*-]*/g;
/** A source file that is named without its folder cannot be opened from the document. */
const SOURCE = /`([^`\s/][^`\s]*\.(?:ts|py))`/g;
const LINK = /\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g;

/** The anchor that GitHub generates for a heading. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const anchors = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchor(heading));

/** The part of a path before its first wildcard, without a full stop that ends the sentence. */
const fixedPart = (path: string) => path.replace(/\*.*$/, '').replace(/\.$/, '');

describe.each(DOCUMENTS)('%s', (file) => {
  const text = readFileSync(file, 'utf8');

  it('names only paths that exist', () => {
    const named = [
      ...[...text.matchAll(PATH)].map(([path]) => fixedPart(path)),
      ...[...text.matchAll(SOURCE)].map(([, path = '']) => fixedPart(path)),
    ];
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('has no broken links', () => {
    const broken = [...text.matchAll(LINK)].filter(([, path = '', heading]) => {
      const target = path === '' ? file : join(dirname(file), path);
      if (!existsSync(target)) return true;
      return heading !== undefined && !anchors(target).includes(heading);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('has lines of at most 120 characters, except in tables and links', () => {
    const long = text
      .split('\n')
      .filter((line) => line.length > 120 && !line.startsWith('|') && !line.includes(']('));
    expect(long).toEqual([]);
  });
});

/** Options of all commands. */
const options = new Set(
  readdirSync('src/cli')
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) => [...readFileSync(join('src/cli', name), 'utf8').matchAll(/'(?:-\w, )?(--[a-z-]+)/g)])
    .map(([, option]) => option),
);

it('the guide names only options that exist', () => {
  const named = readFileSync('docs/guide.md', 'utf8').match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
  expect([...new Set(named)].filter((option) => !options.has(option))).toEqual([]);
});

it('each recipe lists as many files as its heading says', () => {
  const recipes = [
    ...readFileSync('CONTRIBUTING.md', 'utf8').matchAll(
      /^### (.+): (\d+) files$([\s\S]*?)(?=^#|(?![\s\S]))/gm,
    ),
  ];
  expect(recipes.length).toBeGreaterThan(0);
  for (const [, title, count, body = ''] of recipes)
    expect(body.match(/^\| `/gm)?.length, title).toBe(Number(count));
});
