import { check, exitCode, type Finding } from '../operations/check/check.js';
import { step } from '../operations/progress.js';
import { drawFindings } from './output/tables.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand(
    'check',
    'Checks the account, the domain and convoke.yaml before anything is created.',
  ),
  async run({ inAccount, output, onProgress }) {
    const { deployment, account } = await inAccount();
    const findings = await step(onProgress, account.clock, 'check', 'Check the account and the domain', () =>
      check(account, deployment),
    );
    output.result(
      { ok: exitCode(findings) === 0, findings },
      `${drawFindings(findings, output)}\n${summary(findings)}`,
    );
    return exitCode(findings);
  },
};

function summary(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((f) => f.state === state).length;
  if (count('wrong')) return `${counted(count('wrong'), 'problem')} to fix before "convoke up".`;
  if (count('failed')) return 'AWS did not answer some of the checks. Run this again later.';
  const open = count('unknown');
  return open ? `No problems found; ${counted(open, 'check')} could not be completed.` : 'No problems found.';
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
