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
  /** Display name of the room. */
  readonly room: string;
  /** Display name of the invited person. */
  readonly name?: string | undefined;
  /** Shown in the participant's profile. */
  readonly email?: string | undefined;
  readonly moderator?: boolean;
  /** Validity of the links in milliseconds. Default: a day. */
  readonly validFor?: number;
  /** Number of links, each for a different person. Default: 1. */
  readonly copies?: number;
}

export interface Invitation {
  readonly room: string;
  readonly moderator: boolean;
  readonly expires: Date;
  /** Anyone with a link can join, so links are secrets. */
  readonly links: readonly string[];
}

export const DAY_MS = 24 * 3600_000;
/** Longer than any series of meetings; links that never expire would be forgotten. */
const LONGEST_MS = 365 * DAY_MS;
const SHORTEST_MS = 60_000;
const MOST_COPIES = 1000;
const LONGEST_TEXT = 200;

/** Creates signed links to a room, for deployments with `access: members`. */
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

/** Throws `CannotInvite` if an option is invalid. Needs no account. */
export function assertInvitable(options: Omit<InviteOptions, 'account'>): void {
  const [what, now] = complaint(options) ?? [];
  if (what !== undefined && now !== undefined)
    throw new ConvokeError('CannotInvite', { what, now, fault: 'user' });
}

/** A token for one room that outlasts a probe; undefined if access is open. */
export async function probeToken(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'domain' | 'access'>,
  room: string,
): Promise<string | undefined> {
  if (deployment.access === 'open') return undefined;
  const { links } = await invite({ account, deployment, room, name: 'convoke probe', validFor: 3600_000 });
  return new URL(links[0] ?? '').searchParams.get('jwt') ?? undefined;
}

/** The invalid option, and what to do. */
function complaint(options: Omit<InviteOptions, 'account'>): [what: string, now: string] | undefined {
  const { deployment, room, name, email, validFor = DAY_MS, copies = 1 } = options;
  if (deployment.access === 'open') {
    return [
      `Meetings at ${deployment.domain} are open: anyone who knows the name of a room can join it.`,
      `Share the URL of the room, or set "access: members" in the file and run "convoke up".`,
    ];
  }
  const bad = roomComplaint(room);
  if (bad) return [`The room "${room}" ${bad}.`, 'Use letters, digits, spaces, hyphens and dots.'];
  for (const [what, text] of Object.entries({ name, email })) {
    if (text === undefined) continue;
    if (text.trim() === '' || text.length > LONGEST_TEXT || /\p{C}/u.test(text)) {
      return [
        `The ${what} is empty, longer than ${LONGEST_TEXT} characters, or has invisible characters.`,
        `Use another --${what}.`,
      ];
    }
  }
  if (email !== undefined && !/^[^\s@"<>]+@[^\s@"<>]+$/.test(email))
    return [`"${email}" is not a mail address.`, 'Use another --email, or leave it out.'];
  if (!(validFor >= SHORTEST_MS && validFor <= LONGEST_MS))
    return ['A link can be valid for at least a minute and at most 365 days.', 'Use another --expires.'];
  if (!Number.isInteger(copies) || copies < 1 || copies > MOST_COPIES)
    return [`The number of copies must be from 1 to ${MOST_COPIES}.`, 'Use another --copies.'];
  return undefined;
}
