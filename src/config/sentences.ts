import { z } from 'zod';
import type { Misspelt } from './spelling.js';

export type Path = readonly PropertyKey[];

/** Returns the valid word that a misspelt word probably means. */
export type Suggest = (word: string, words: readonly string[]) => string | undefined;

/** An error in a setting. */
export interface Sentence {
  readonly path: Path;
  /** Set if the key itself is wrong, not its value. */
  readonly key?: string;
  readonly message: string;
}

/**
 * Turns a schema's issues into sentences, for `convoke.yaml` and for the props of a construct. The schema must have
 * been parsed with `reportInput`. `whole`: the name of the settings as a whole. `suggest`: finds the nearest
 * spelling; the default suggests none.
 */
export function sentencesOf(
  schema: z.ZodType,
  { whole, suggest = () => undefined }: { readonly whole: string; readonly suggest?: Suggest },
): (issue: z.core.$ZodIssue) => Sentence[] {
  const { description, keysAt, mayBeList } = described(schema);

  function sentences(issue: z.core.$ZodIssue, above: Path = []): Sentence[] {
    const path = [...above, ...issue.path];
    const name = path.length ? path.map(String).join('.') : whole;
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
        // Zod's own limit for integers, beyond which JavaScript numbers are not exact.
        if (issue.maximum === Number.MAX_SAFE_INTEGER) return [{ path, message: `${name} is too large.` }];
        return [{ path, message: `${name} ${issue.message}.` }];
      case 'invalid_union':
        return union(issue, path, name);
      case 'custom':
        return [{ path, message: ended(`${name} ${issue.message}${hint(issue.params)}`) }];
      default:
        return [{ path, message: ended(`${name} ${issue.message}`) }];
    }
  }

  /** For a value with several forms, reports the errors of the form that matches best. */
  function union(issue: z.core.$ZodIssueInvalidUnion, path: Path, name: string): Sentence[] {
    const isObject = typeof issue.input === 'object' && issue.input !== null;
    const forms = issue.errors.filter(
      (errors) => errors.some((e) => e.path.length > 0 || e.code === 'unrecognized_keys') === isObject,
    );
    const [closest] = [...forms].sort((a, b) => weight(a) - weight(b));
    if (isObject && closest) return closest.flatMap((inner) => sentences(inner, path));
    const words = issue.errors.flat().flatMap((e) => (e.code === 'invalid_value' ? e.values : []));
    return words.length
      ? [{ path, message: oneOf(name, words, issue.input, keysAt(path), mayBeList(path)) }]
      : [
          {
            path,
            message:
              `${name} ${issue.input === undefined ? 'is missing' : 'has an unknown form'}. ${description(path)}`.trimEnd(),
          },
        ];
  }

  function hint(params: Partial<Misspelt> | undefined): string {
    if (!params?.spelling) return '';
    const { word, words, before = '', form } = params.spelling;
    const near = suggest(word, words);
    return near ? `; did you mean ${before}${near}?` : `; ${form}`;
  }

  function unknownKey(key: string, path: Path): string {
    const known = keysAt(path);
    const near = suggest(key, known);
    return `"${cut(key)}" is not a known setting.${near ? ` Did you mean "${near}"?` : ''} Known settings: ${known.join(', ')}.`;
  }

  /** `settings`: the keys of a group that is also allowed. `orList`: whether a list is, too. */
  function oneOf(
    name: string,
    allowed: readonly z.core.util.Primitive[],
    input: unknown,
    settings: readonly string[] = [],
    orList = false,
  ): string {
    const words = allowed.map(String);
    const near = typeof input === 'string' ? suggest(input, words) : undefined;
    const list = words.length === 1 ? words[0] : `one of ${words.join(', ')}`;
    const group = settings.length > 0 ? ` or a group of settings (${settings.join(', ')})` : '';
    const more = `${group}${orList ? ' or a list' : ''}`;
    const meant = allowed.find((value) => String(value) === near);
    return `${name} must be ${list}${more}, not ${inWords(input)}.${near ? ` Did you mean ${inWords(meant)}?` : ''}`;
  }

  return (issue) => sentences(issue);
}

const ended = (sentence: string): string => (sentence.endsWith('?') ? sentence : `${sentence}.`);

const weight = (errors: readonly z.core.$ZodIssue[]) =>
  errors.reduce((sum, e) => sum + (e.code === 'unrecognized_keys' ? 10 * e.keys.length : 1), 0);

/** Describes a value: texts in quotes, numbers without; long texts are truncated. */
export function inWords(input: unknown): string {
  if (input === null || input === undefined) return 'nothing';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a group of settings';
  return typeof input === 'string' ? `"${cut(input)}"` : String(input);
}

/** The same with its type, if the type is wrong: `"5"` and 5 look alike. */
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
    record: 'a group of settings',
  })[type] ?? `a ${type}`;

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Record<string, JsonSchema>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Descriptions and keys of the settings at a path of the schema. */
function described(schema: z.ZodType) {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const forms = (s: JsonSchema) => [s, ...(s.anyOf ?? []), ...(s.oneOf ?? [])];
  const schemasAt = (path: Path): JsonSchema[] =>
    path.reduce<JsonSchema[]>(
      (schemas, key) =>
        schemas
          .flatMap(forms)
          .flatMap((s) => (typeof key === 'number' ? s.items : s.properties?.[String(key)]) ?? []),
      [json],
    );
  return {
    description: (path: Path): string => schemasAt(path)[0]?.description ?? '',
    mayBeList: (path: Path): boolean =>
      schemasAt(path)
        .flatMap(forms)
        .some((s) => s.items !== undefined),
    keysAt: (path: Path): string[] => [
      ...new Set(
        schemasAt(path)
          .flatMap(forms)
          .flatMap((s) => Object.keys(s.properties ?? {})),
      ),
    ],
  };
}

/** Replaces control characters and invisible characters by a visible one, and tabs by a space. */
export const printable = (text: string): string => text.replaceAll('\t', ' ').replace(/\p{C}/gu, '\uFFFD');
