import { check, exitCode, type Finding } from '../operations/check/check.js';
import { step } from '../operations/progress.js';
import { drawFindings } from './output/findings.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand(
    'check',
    'Looks, before anything costs, whether account, domain and file fit together.',
  ),
  async run({ inAccount, output, onProgress }) {
    const { deployment, account } = await inAccount();
    const findings = await step(
      onProgress,
      account.clock,
      'check',
      'Look at the account and the domain',
      () => check(account, deployment),
    );
    output.answer(
      { ok: exitCode(findings) === 0, findings },
      `${drawFindings(findings, output)}\n${summary(findings)}`,
    );
    return exitCode(findings);
  },
};

function summary(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((f) => f.state === state).length;
  if (count('wrong')) return `${count('wrong')} to mend before "convoke up".`;
  if (count('failed')) return 'AWS failed to answer some of it: run this again later.';
  const open = count('unknown');
  return open
    ? `Nothing stands in the way as far as it could be seen; ${open} could not.`
    : 'Nothing stands in the way of "convoke up".';
}
