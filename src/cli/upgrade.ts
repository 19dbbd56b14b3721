import { Option } from 'commander';
import { type ChosenRelease, upgrade } from '../operations/upgrade.js';
import { releaseNotes } from './output/release.js';
import { planLine } from './output/roll.js';
import { drawUp, withFindings } from './up.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand(
    'upgrade',
    'Brings all machines to another release of Jitsi, one group after the other, and goes back if it does not work.',
  )
    .addOption(new Option('--to <release>', 'the release; default: the newest').conflicts('back'))
    .option('--back', 'go back to the release before the last upgrade', false)
    .option('--os', 'make a new machine image, with Debian’s updates, even if there is one', false)
    .option('--at <time>', 'begin at this time of day, as in 03:00')
    .option('--when-empty', 'begin once nobody is in a meeting', false)
    .option('--no-check', 'skip the preflight checks'),
  async run(context, flags) {
    const { inAccount, options, output, onProgress, signal } = context;
    const { deployment, account } = await inAccount();
    const join = options.cloud === 'aws' || (await import('../rehearsal/account.js')).canBeJoined();
    const result = await withFindings(context, () =>
      upgrade({
        account,
        deployment,
        onProgress,
        signal,
        join,
        check: flags.check !== false,
        ...(typeof flags.to === 'string' && { to: flags.to }),
        back: flags.back === true,
        os: flags.os === true,
        bake: join,
        when: {
          ...(typeof flags.at === 'string' && { at: flags.at }),
          empty: flags.whenEmpty === true,
        },
        onChosen: (chosen) => output.note(chosenLine(chosen)),
        announce: (plan) => output.note(planLine(plan, deployment)),
      }),
    );
    output.result({ ...result, domain: deployment.domain }, await drawUp(result, context, deployment));
    return 0;
  },
};

function chosenLine({ from, to, direction }: ChosenRelease): string {
  if (direction === 'same')
    return `Release ${to.name} stays; machines with another one, or with an older image, are replaced.`;
  const notes = releaseNotes(to);
  return [
    `From release ${from.name} to ${to.name}${direction === 'older' ? ', which is older' : ''}.`,
    notes && `What has changed: ${notes}`,
  ]
    .filter(Boolean)
    .join('\n');
}
