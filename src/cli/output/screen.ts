/**
 * Text that replaces what a terminal shows. It is written over the old text, because clearing the screen first would
 * flicker. Lines that are too long are cut, and those that do not fit are counted.
 */
export function screen(text: string, rows: number): string {
  const lines = text.split('\n');
  const fits = lines.length < rows;
  const shown = fits ? lines : [...lines.slice(0, rows - 2), `… ${lines.length - rows + 2} more lines`];
  return `\x1b[?7l\x1b[H${shown.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J\x1b[?7h`;
}
