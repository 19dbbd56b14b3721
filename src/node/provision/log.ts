/** Writes one line of the provisioning log, which ends up in the instance's console output. */
export type Log = (line: string) => void;

export const writeToConsole: Log = (line) => {
  process.stdout.write(`convoke: ${line}\n`);
};
