import { z } from 'zod';
import { xmppNames } from '../render/names.js';
import { type PageSettings, refusalPage } from './refusal-page.js';
import { roomKey } from './room.js';
import { type Refusal, refusal } from './tokens.js';

/**
 * nginx asks here before it serves the page of a room, and before it passes a request for a conference on to Jicofo,
 * which itself asks nobody who they are. Prosody looks at the same tokens when somebody logs in or enters a room.
 */
export interface Question {
  readonly method: string;
  /** As the participant sent it, with the query. */
  readonly url: string;
  /** The header `Authorization`. */
  readonly authorization?: string | undefined;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Admission {
  readonly domain: string;
  readonly key: string;
  readonly page: PageSettings;
}

/** Where nginx goes on with a participant who is let in: names of locations of its own. */
export const ADMITTED = { page: '@page', conference: '@conference' } as const;

export const CONFERENCE_REQUEST = '/conference-request/v1';

const ConferenceRequest = z.looseObject({ room: z.string() });

export async function admit(question: Question, admission: Admission, now: Date): Promise<Answer> {
  const url = new URL(question.url, 'https://page.invalid');
  if (question.method === 'POST') {
    const token = /^Bearer (\S+)$/i.exec(question.authorization ?? '')?.[1];
    const room = requestedRoom(question.body, admission.domain);
    const why = room === 'bad' ? 'room' : await refusal(token, { ...admission, ...room }, admission.key, now);
    return why ? conferenceRefused(why) : goOn(ADMITTED.conference);
  }
  const segments = url.pathname.split('/').filter(Boolean);
  const [room] = segments;
  const token = url.searchParams.get('jwt') ?? undefined;
  // The bare domain, and rooms of tenants, are nobody's: invitations are to rooms by their name alone.
  const why =
    room === undefined || segments.length > 1
      ? (token && 'room') || 'missing'
      : await refusal(token, { domain: admission.domain, room: roomKey(room) }, admission.key, now);
  return why ? pageRefused(why, admission.page) : goOn(ADMITTED.page);
}

/** The room that a request is for. Rooms that people are sent to from within a meeting are open to all who are in one. */
function requestedRoom(body: string, domain: string): { room?: string } | 'bad' {
  const parsed = ConferenceRequest.safeParse(parse(body));
  const [room = '', host, ...rest] = (parsed.data?.room ?? '').toLowerCase().split('@');
  if (room === '' || rest.length > 0) return 'bad';
  const names = xmppNames(domain);
  if (host === names.breakout) return {};
  return host === names.conference ? { room } : 'bad';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const goOn = (location: string): Answer => ({
  status: 200,
  headers: { 'x-accel-redirect': location },
  body: '',
});

const conferenceRefused = (why: Refusal): Answer => ({
  status: 403,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: `${JSON.stringify({ error: 'not-allowed', why })}\n`,
});

const pageRefused = (why: Refusal, page: PageSettings): Answer => ({
  status: 403,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'",
  },
  body: refusalPage(why, page),
});
