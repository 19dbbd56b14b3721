import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { screen } from './screen.js';

const shown = (output: string) => stripVTControlCharacters(output).trimEnd().split('\n');

it('writes over the old text and removes the rest of it', () => {
  expect(screen('one\ntwo', 24)).toBe('\x1b[?7l\x1b[Hone\x1b[K\ntwo\x1b[K\n\x1b[J\x1b[?7h');
});

it('counts the lines that do not fit, so that the first ones stay visible', () => {
  const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  expect(shown(screen(lines.join('\n'), 10))).toEqual([...lines.slice(0, 8), '… 22 more lines']);
});

it.each([1, 9])('shows all of %i lines on ten rows', (count) => {
  const lines = Array.from({ length: count }, (_, index) => `line ${index}`);
  expect(shown(screen(lines.join('\n'), 10))).toEqual(lines);
});
