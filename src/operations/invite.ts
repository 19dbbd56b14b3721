import { randomUUID } from 'node:crypto';
import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import { ConvokeError } from '../contract/errors.js';
import { roomComplaint, roomKey } from '../contract/room.js';
import { signToken } from '../contract/tokens.js';
import { tokenKey } from './seed.js';

export interface InviteOptions {
  readonly account: Account;
  readonly deployment: Pick<Deployment, 'name' | 'domain' | 'access'>;
  /** As a person calls it. */
  readonly room: string;
  /** Shown to the others. */
  readonly name?: string | undefined;
  /** Shown in the person's profile. */
  readonly email?: string | undefined;
  readonly moderator?: boolean;
  /** How long the links are good for, in milliseconds. Default: a day. */
  readonly validFor?: number;
  /** How many links, each for somebody else. Default: 1. */
  readonly copies?: number;
}

export interface Invitation {
  readonly room: string;
  readonly moderator: boolean;
  readonly expires: Date;
  /** Whoever has one gets in: they are like keys. */
  readonly links: readonly string[];
}

export const DAY_MS = 24 * 3600_000;
/** Longer than any series of meetings; a link that is good for ever is one that nobody remembers. */
const LONGEST_MS = 365 * DAY_MS;
const SHORTEST_MS = 60_000;
const MOST_COPIES = 1000;
const LONGEST_TEXT = 200;

/** Signed links to a room, for deployments whose meetings are for members. */
export async function invite(options: InviteOptions): Promise<Invitation> {
  const { account, deployment, room, moderator = false, validFor = DAY_MS, copies = 1 } = options;
  assertInvitable(options);
  const now = account.clock.now();
  const expires = new Date(now.getTime() + validFor);
  const key = await tokenKey(account, deployment);
  const links = await Promise.all(
    Array.from({ length: copies }, async () => {
      const token = await signToken(
        {
          domain: deployment.domain,
          room: roomKey(room),
          id: randomUUID(),
          moderator,
          ...(options.name && { name: options.name }),
          ...(options.email && { email: options.email }),
        },
        key,
        { now, expires },
      );
      return `https://${deployment.domain}/${encodeURIComponent(room)}?jwt=${token}`;
    }),
  );
  return { room, moderator, expires, links };
}

/** Throws `CannotInvite` where something is asked for wrongly; it needs no account to say so. */
export function assertInvitable(options: Omit<InviteOptions, 'account'>): void {
  const [what, now] = complaint(options) ?? [];
  if (what !== undefined && now !== undefined)
    throw new ConvokeError('CannotInvite', { what, now, fault: 'person' });
}

/** A token for one room, for as long as a probe takes; undefined where none is needed. */
export async function probeToken(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'domain' | 'access'>,
  room: string,
): Promise<string | undefined> {
  if (deployment.access === 'open') return undefined;
  const { links } = await invite({ account, deployment, room, name: 'convoke probe', validFor: 3600_000 });
  return new URL(links[0] ?? '').searchParams.get('jwt') ?? undefined;
}

/** What is asked for wrongly, and what to do instead. */
function complaint(options: Omit<InviteOptions, 'account'>): [what: string, now: string] | undefined {
  const { deployment, room, name, email, validFor = DAY_MS, copies = 1 } = options;
  if (deployment.access === 'open') {
    return [
      `Meetings at ${deployment.domain} are open: whoever knows the name of a room can enter it.`,
      `Send people the address alone, or set "access: members" in the file and run "convoke up".`,
    ];
  }
  const bad = roomComplaint(room);
  if (bad) return [`The room "${room}" ${bad}.`, 'Use letters, digits, spaces, hyphens and dots.'];
  for (const [what, text] of Object.entries({ name, email })) {
    if (text === undefined) continue;
    if (text.trim() === '' || text.length > LONGEST_TEXT || /\p{C}/u.test(text)) {
      return [
        `The ${what} is empty, longer than ${LONGEST_TEXT} characters, or not all visible.`,
        `Give another --${what}.`,
      ];
    }
  }
  if (email !== undefined && !/^[^\s@"<>]+@[^\s@"<>]+$/.test(email))
    return [`"${email}" is not a mail address.`, 'Give another --email, or none.'];
  if (!(validFor >= SHORTEST_MS && validFor <= LONGEST_MS))
    return [
      'A link may be good for a minute at the least and 365 days at the most.',
      'Give another --expires.',
    ];
  if (!Number.isInteger(copies) || copies < 1 || copies > MOST_COPIES)
    return [`There may be 1 to ${MOST_COPIES} copies.`, 'Give another --copies.'];
  return undefined;
}
