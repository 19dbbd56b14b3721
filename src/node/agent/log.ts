/** A priority as a prefix (sd-daemon), so that `journalctl -p err` finds errors. journald removes the prefix. */
const write = (priority: 3 | 4 | 6, line: string): void => {
  process.stdout.write(`<${priority}>${line}\n`);
};

/** The agent's log: systemd sends standard output to the journal. */
export const log = {
  error: (line: string): void => write(3, line),
  warning: (line: string): void => write(4, line),
  info: (line: string): void => write(6, line),
};

export function sentence(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
