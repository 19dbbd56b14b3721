import { randomUUID } from 'node:crypto';
import { ADMITTED_LOCATION } from '../../../contract/agent-requests.js';
import { encodedKey, roomComplaint, roomKey } from '../../../contract/room.js';
import { refusal, signToken } from '../../../contract/tokens.js';
import { type PageSettings, refusalPage } from '../../render/refusal-page.js';
import type { Answer } from '../answer.js';
import type { Cookies, Session } from './cookies.js';
import { noMeetingPage, waitingPage, welcomePage } from './pages.js';
import type { HasStarted } from './started-meetings.js';

/** Milliseconds. A guest's token opens only meetings that a host has started, and a meeting lasts no longer than this. */
const GUEST_TOKEN = 12 * 3_600_000;

export interface HostAdmission {
  readonly domain: string;
  /** Key of tokens. */
  readonly key: string;
  readonly cookies: Cookies;
  readonly page: PageSettings;
  readonly hasStarted: HasStarted;
}

interface PageRequest {
  /** Path and query, as the participant sent them. */
  readonly url: string;
  readonly cookie: string;
}

/**
 * What nginx serves at the address of a room, if hosts sign in: the meeting's page to participants with a token, a
 * redirect with a token to hosts, and to others the page that waits for a host. The page alone opens no meeting.
 */
export async function admitWithHosts(
  { url, cookie }: PageRequest,
  admission: HostAdmission,
  now: Date,
): Promise<Answer> {
  const { domain, key, cookies, page } = admission;
  // Not resolved against a base: a path may start with two slashes.
  const { pathname, searchParams } = new URL(`https://page.invalid${url}`);
  const [segment, ...more] = pathname.split('/').filter(Boolean);
  if (more.length > 0) return noMeetingPage(page);
  const session = await cookies.read('session', cookie, now);
  if (segment === undefined || segment === 'index.html') return session ? ADMITTED : welcomePage(page);
  const room = { display: decoded(segment), key: roomKey(segment) };
  if (roomComplaint(room.display) !== undefined) return noMeetingPage(page);

  const token = searchParams.get('jwt') ?? undefined;
  const why = await refusal(token, { domain, room: room.key }, key, now);
  if (!why) return ADMITTED;
  if (session?.role === 'host') {
    searchParams.set('jwt', await tokenFor(session, room.key, admission, now));
    return {
      status: 302,
      headers: {
        location: `/${encodeURIComponent(room.display)}?${searchParams}`,
        'cache-control': 'no-store',
      },
      body: '',
    };
  }
  if (why === 'invalid' || why === 'room') return { status: 403, ...refusalPage(why, page) };
  return waitingPage(room, session && { name: session.name ?? '' }, page);
}

/**
 * A guest asks whether the meeting has started. If it has, the answer is a token for it. It tells nothing about a room but
 * that.
 */
export async function admitGuest(
  { url, cookie }: PageRequest,
  admission: HostAdmission,
  now: Date,
): Promise<Answer> {
  const named = new URL(url, 'https://page.invalid').searchParams.getAll('room');
  const [name] = named;
  if (!name || named.length > 1) return json(400, { error: 'bad-request' });
  const room = encodedKey(name);
  if (!(await admission.hasStarted(room))) return json(200, { started: false });
  const session = await admission.cookies.read('session', cookie, now);
  return json(200, { started: true, jwt: await tokenFor(session, room, admission, now) });
}

/** For hosts as moderators, for everybody else as guests. Valid for as long as the host is signed in. */
function tokenFor(
  session: Session | undefined,
  room: string,
  { domain, key }: HostAdmission,
  now: Date,
): Promise<string> {
  const moderator = session?.role === 'host';
  return signToken(
    {
      domain,
      room,
      id: session?.id ?? randomUUID(),
      ...(session?.name && { name: session.name }),
      ...(session?.email && { email: session.email }),
      moderator,
      ...(!moderator && { needsHost: true }),
    },
    key,
    { now, expires: session?.expires ?? new Date(now.getTime() + GUEST_TOKEN) },
  );
}

const ADMITTED: Answer = { status: 200, headers: { 'x-accel-redirect': ADMITTED_LOCATION }, body: '' };

const json = (status: number, value: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: `${JSON.stringify(value)}\n`,
});

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
