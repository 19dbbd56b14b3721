import type { Deployment } from '../../config/deployment.js';
import { bridgesGroupName } from '../../contract/names.js';
import { MINUTES_TO_SERVE } from '../../contract/template.js';
import type { RollPlan } from '../../operations/roll/deploy-and-roll.js';
import { groupLabel } from '../../operations/roll/roll.js';

/** What is about to be replaced, how long it takes, and what participants notice. */
export function planLine({ groups, machines }: RollPlan, { name, size }: Deployment): string {
  const bridges = bridgesGroupName(name);
  const what = groups.map((group) => groupLabel(name, group)).join(', then ');
  const longest = machines * MINUTES_TO_SERVE;
  return [
    `Replacing ${machines} machine${machines === 1 ? '' : 's'}: ${what}. Each new machine starts before an old one leaves, which takes a few minutes, and at most ${longest} minutes together if all of them serve.`,
    size === 'solo'
      ? 'Participants in a meeting are disconnected once and reconnect by themselves.'
      : [
          'Nobody is disconnected:',
          groups.includes(bridges) ? 'participants are moved to other bridges,' : '',
          groups.some((group) => group !== bridges)
            ? 'meetings on an old shard go on there until they end, at most 2 hours.'
            : 'and meetings go on.',
        ]
          .filter(Boolean)
          .join(' '),
  ].join('\n');
}
