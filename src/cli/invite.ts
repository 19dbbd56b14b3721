import { ConvokeError } from '../contract/errors.js';
import { assertInvitable, DAY_MS, invite } from '../operations/invite.js';
import { type Verb, verbCommand } from './verb.js';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS };

export const verb: Verb = {
  command: verbCommand('invite', 'Prints signed links to a room, unless access is open.')
    .argument('<room>', 'name of the room')
    .option('--name <name>', 'display name of the invited person')
    .option('--email <mail>', 'their mail address')
    .option('--moderator', 'make the invited person a moderator', false)
    .option('--expires <time>', 'how long the link is valid: 30m, 2h, 7d', '1d')
    .option('--copies <number>', 'number of links, each for a different person', '1'),
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
    output.note(
      `Anyone with ${links.length === 1 ? 'this link' : 'one of these links'} can join${moderator ? ' as a moderator' : ''} until ${expires.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    );
    output.result(invitation, links.join('\n'));
    return 0;
  },
};

/** `2h` in milliseconds. */
export function duration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? 0);
  throw new ConvokeError('CannotInvite', {
    what: `"${text}" is not a duration.`,
    now: 'Give minutes, hours or days, such as 30m, 2h or 7d.',
    fault: 'user',
  });
}
