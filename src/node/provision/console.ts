/** What provisioning says. The lines end in the instance's console output, so each stands alone. */
export type Say = (line: string) => void;

export const sayOnConsole: Say = (line) => {
  process.stdout.write(`convoke: ${line}\n`);
};
