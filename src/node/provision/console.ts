/** What provisioning says. The lines end in the instance's console output, so each stands alone. */
export type Log = (line: string) => void;

export const writeToConsole: Log = (line) => {
  process.stdout.write(`convoke: ${line}\n`);
};
