import { type Document, isMap, isPair, isScalar, type LineCounter, type Node } from 'yaml';
import { z } from 'zod';
import { nearest } from './regions.js';
import { ConvokeFile } from './schema.js';

/** Something wrong in the file, and where. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

type Path = readonly PropertyKey[];

/** Turns what the schema found into sentences with places. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  document: Document,
  lines: LineCounter,
): Problem[] {
  return issues.flatMap((issue) =>
    sentences(issue).map(({ path, key, message }) => ({ ...place(document, lines, path, key), message })),
  );
}

interface Sentence {
  readonly path: Path;
  /** The key itself is at fault, not its value. */
  readonly key?: string;
  readonly message: string;
}

function sentences(issue: z.core.$ZodIssue, above: Path = []): Sentence[] {
  const path = [...above, ...issue.path];
  const name = path.length ? path.map(String).join('.') : 'The file';
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path, key, message: unknownKey(key, path) }));
    case 'invalid_type':
      return [
        {
          path,
          message:
            issue.input === undefined
              ? `${name} is missing. ${description(path)}`.trimEnd()
              : `${name} must be ${article(issue.expected)}, not ${kindInWords(issue.input)}.`,
        },
      ];
    case 'invalid_value':
      return [{ path, message: oneOf(name, issue.values, issue.input) }];
    case 'too_big':
      // What a whole number may be at the most is the schema's; this is where programs stop to count.
      if (issue.maximum === Number.MAX_SAFE_INTEGER) return [{ path, message: `${name} is far too much.` }];
      return [{ path, message: `${name} ${issue.message}.` }];
    case 'invalid_union':
      return union(issue, path, name);
    default:
      return [{ path, message: `${name} ${issue.message}${issue.message.endsWith('?') ? '' : '.'}` }];
  }
}

/** Of a value that may have several forms, tells about the form that was meant: the one that came closest. */
function union(issue: z.core.$ZodIssueInvalidUnion, path: Path, name: string): Sentence[] {
  const isObject = typeof issue.input === 'object' && issue.input !== null;
  const forms = issue.errors.filter(
    (errors) => errors.some((e) => e.path.length > 0 || e.code === 'unrecognized_keys') === isObject,
  );
  const [closest] = [...forms].sort((a, b) => weight(a) - weight(b));
  if (isObject && closest) return closest.flatMap((inner) => sentences(inner, path));
  const words = issue.errors.flat().flatMap((e) => (e.code === 'invalid_value' ? e.values : []));
  return words.length
    ? [{ path, message: oneOf(name, words, issue.input, keysAt(path)) }]
    : [{ path, message: `${name} is not of a form that is known. ${description(path)}`.trimEnd() }];
}

const weight = (errors: readonly z.core.$ZodIssue[]) =>
  errors.reduce((sum, e) => sum + (e.code === 'unrecognized_keys' ? 10 * e.keys.length : 1), 0);

function unknownKey(key: string, path: Path): string {
  const known = keysAt(path);
  const near = nearest(key, known);
  return `"${cut(key)}" is not known here.${near ? ` Did you mean "${near}"?` : ''} Known: ${known.join(', ')}.`;
}

/** `settings`: those of a group that would be taken too. */
function oneOf(
  name: string,
  allowed: readonly z.core.util.Primitive[],
  input: unknown,
  settings: readonly string[] = [],
): string {
  const words = allowed.map(String);
  const near = typeof input === 'string' ? nearest(input, words) : undefined;
  const list = words.length === 1 ? words[0] : `one of ${words.join(', ')}`;
  const group = settings.length > 0 ? ` or a group of settings (${settings.join(', ')})` : '';
  const meant = allowed.find((value) => String(value) === near);
  return `${name} must be ${list}${group}, not ${inWords(input)}.${near ? ` Did you mean ${inWords(meant)}?` : ''}`;
}

/** A value as a person would call it: texts in quotes, numbers without; long ones are cut. */
function inWords(input: unknown): string {
  if (input === null || input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a group of settings';
  return typeof input === 'string' ? `"${cut(input)}"` : String(input);
}

/** The same where its kind is what is wrong: `"5"` and 5 look alike. */
const kindInWords = (input: unknown): string =>
  typeof input === 'string'
    ? `the text ${inWords(input)}`
    : Number.isFinite(input)
      ? `the number ${inWords(input)}`
      : inWords(input);

const cut = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

const article = (type: string) =>
  ({
    string: 'a text',
    object: 'a group of settings',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
  })[type] ?? `a ${type}`;

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Record<string, JsonSchema>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

const json = z.toJSONSchema(ConvokeFile, { io: 'input' }) as JsonSchema;

function schemaAt(path: Path): JsonSchema[] {
  return path.reduce<JsonSchema[]>(
    (schemas, key) =>
      schemas
        .flatMap((s) => [s, ...(s.anyOf ?? [])])
        .flatMap((s) => (typeof key === 'number' ? s.items : s.properties?.[String(key)]) ?? []),
    [json],
  );
}

const description = (path: Path) => schemaAt(path)[0]?.description ?? '';
const keysAt = (path: Path) => [
  ...new Set(
    schemaAt(path)
      .flatMap((s) => [s, ...(s.anyOf ?? [])])
      .flatMap((s) => Object.keys(s.properties ?? {})),
  ),
];

/** Where a path is in the text: the value, or the key; the nearest thing above it when it is missing. */
function place(
  document: Document,
  lines: LineCounter,
  path: Path,
  key?: string,
): { line: number; column: number } {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as Node | undefined;
    if (key !== undefined && isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key,
      );
      const at = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
      if (at !== undefined) return position(lines, at);
    }
    const start = node?.range?.[0];
    if (start !== undefined) return position(lines, start);
  }
  return { line: 1, column: 1 };
}

export function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** The problems as a person reads them: place, sentence, and the line with a mark under it. */
export function report(problems: readonly Problem[], file: string, text: string): string {
  const rows = text.split(/\r?\n/);
  return [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, message }) => {
      const row = rows[line - 1] ?? '';
      const shown = row.length > 100 ? `${row.slice(0, 100)}…` : row;
      return `${file}:${line}:${column}  ${harmless(message)}\n    ${harmless(shown)}\n    ${' '.repeat(Math.min(column - 1, 100))}^`;
    })
    .join('\n');
}

/** What a terminal would obey, or not show at all, as a sign that something is there. */
const harmless = (text: string) => text.replace(/\p{C}/gu, '\uFFFD');
