import { ADMITTED_LOCATION } from '../../contract/agent-requests.js';
import { roomKey } from '../../contract/room.js';
import { type Refusal, refusal } from '../../contract/tokens.js';
import { type PageSettings, refusalPage } from '../render/refusal-page.js';
import type { Answer } from './answer.js';

export interface PageAdmission {
  readonly domain: string;
  readonly key: string;
  readonly page: PageSettings;
}

/** nginx serves the page. */
export const ADMITTED: Answer = {
  status: 200,
  headers: { 'x-accel-redirect': ADMITTED_LOCATION },
  body: '',
};

/**
 * Decides whether nginx serves the page of a room, if meetings are restricted to members. The page alone opens no
 * meeting: Prosody checks the same tokens at login and when a participant joins a room. `url`: as the participant
 * sent it.
 */
export async function admitToPage(url: string, admission: PageAdmission, now: Date): Promise<Answer> {
  // Not resolved against a base: a path may start with two slashes.
  const { pathname, searchParams } = new URL(`https://page.invalid${url}`);
  const segments = pathname.split('/').filter(Boolean);
  const [room] = segments;
  const token = searchParams.get('jwt') ?? undefined;
  // The bare domain and rooms of tenants admit nobody: invitations name a room without a tenant.
  const why =
    room === undefined || segments.length > 1
      ? (token && 'room') || 'missing'
      : await refusal(token, { domain: admission.domain, room: roomKey(room) }, admission.key, now);
  return why ? pageRefused(why, admission.page) : ADMITTED;
}

const pageRefused = (why: Refusal, page: PageSettings): Answer => ({
  status: 403,
  ...refusalPage(why, page),
});
