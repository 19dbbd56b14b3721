import { ConvokeError } from '../contract/errors.js';
import { assertInvitable, DAY_MS, invite } from '../operations/invite.js';
import { type Verb, verbCommand } from './verb.js';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS };

export const verb: Verb = {
  command: verbCommand('invite', 'Prints a signed link to a room, where meetings are for members.')
    .argument('<room>', 'what the room is called')
    .option('--name <name>', 'who is invited, as the others see it')
    .option('--email <mail>', 'their mail address')
    .option('--moderator', 'may moderate the meeting', false)
    .option('--expires <time>', 'how long the link is good for: 30m, 2h, 7d', '1d')
    .option('--copies <number>', 'so many links, each for somebody else', '1'),
  async run({ deployment: load, inAccount, output }, flags) {
    const validFor = duration(String(flags.expires));
    const copies = /^\d{1,6}$/.test(String(flags.copies)) ? Number(flags.copies) : Number.NaN;
    const wanted = {
      room: verb.command.args[0] ?? '',
      name: flags.name as string | undefined,
      email: flags.email as string | undefined,
      moderator: flags.moderator === true,
      validFor,
      copies,
    };
    assertInvitable({ ...wanted, deployment: load() });
    const { deployment, account } = await inAccount();
    const invitation = await invite({ ...wanted, account, deployment });
    const { links, expires, moderator } = invitation;
    output.say(
      `${links.length === 1 ? 'Whoever has this link' : 'Whoever has one of these links'} gets in${moderator ? ' and moderates' : ''}, until ${expires.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    );
    output.answer(invitation, links.join('\n'));
    return 0;
  },
};

/** `2h` in milliseconds. */
export function duration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 0);
  throw new ConvokeError('CannotInvite', {
    what: `"${text}" is not a length of time.`,
    now: 'Give minutes, hours or days, such as 30m, 2h or 7d.',
    fault: 'person',
  });
}
