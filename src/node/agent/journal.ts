/** The agent's standard output is its journal. */
export function log(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function sentence(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
