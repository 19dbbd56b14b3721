import { type Document, isMap, isPair, isScalar, type LineCounter, type Node } from 'yaml';
import type { z } from 'zod';
import { ConvokeFile } from './schema.js';
import { harmless, type Path, sentencesOf } from './sentences.js';
import { nearest } from './spelling.js';

/** Something wrong in the file, and where. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

const sentences = sentencesOf(ConvokeFile, { whole: 'The file', suggest: nearest });

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
