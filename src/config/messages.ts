import { type Document, isMap, isPair, isScalar, type LineCounter, type Node } from 'yaml';
import type { z } from 'zod';
import { ConvokeFile } from './schema.js';
import { type Path, printable, sentencesOf } from './sentences.js';
import { nearest } from './spelling.js';

/** An error in the file, with its position. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

/** Settings that had another name in files of earlier versions. */
const RENAMED: Readonly<Record<string, string>> = { cells: 'shards', cell: 'shard' };

const sentences = sentencesOf(ConvokeFile, {
  whole: 'The file',
  suggest: (word, words) => words.find((known) => known === RENAMED[word]) ?? nearest(word, words),
});

/** Turns the schema's issues into sentences with positions. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  document: Document,
  lines: LineCounter,
): Problem[] {
  return issues.flatMap((issue) =>
    sentences(issue).map(({ path, key, message }) => ({ ...place(document, lines, path, key), message })),
  );
}

/** Position of a path in the text: of the value, or of the key; of the nearest parent if it is missing. */
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

/** More problems than this have one cause, such as a file that is not a `convoke.yaml`. */
const MOST_SHOWN = 20;

/** Formats the first problems: position, sentence, and the line with a marker below it. */
export function report(problems: readonly Problem[], file: string, text: string): string {
  const rows = text.split(/\r?\n/);
  const shown = [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, MOST_SHOWN)
    .map(({ line, column, message }) => {
      const row = rows[line - 1] ?? '';
      const start = row.length > 100 ? `${row.slice(0, 100)}…` : row;
      return `${file}:${line}:${column}  ${printable(message)}\n    ${printable(start)}\n    ${' '.repeat(Math.min(column - 1, 100))}^`;
    });
  const more = problems.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more.`] : [])].join('\n');
}
