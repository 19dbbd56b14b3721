import { createHash } from 'node:crypto';
import { LOGIN_PATHS, type LoginSettings, sessionLength } from '../../../contract/login.js';
import { roomComplaint } from '../../../contract/room.js';
import type { PageSettings } from '../../render/refusal-page.js';
import type { Answer } from '../answer.js';
import { Budget } from '../request-budget.js';
import type { Attempt, Cookies } from './cookies.js';
import { failedPage, noMeetingPage, notAllowedPage, signOutPage, tooManyPage } from './pages.js';
import { type Failure, type Provider, SignInFailed } from './provider.js';
import { type Claims, type Role, roleOf } from './role.js';

/** Milliseconds for which the provider may keep the user. */
const ATTEMPT = 10 * 60_000;
/** Sign-ins of one network: a school's staff shares one address. */
const NETWORK_BUDGET = { most: 300, perSecond: 2 };
/** Longer names and addresses would not fit into a cookie. */
const LONGEST_TEXT = 100;

/** A sign-in, for the log: neither names nor addresses. */
export interface SignIn {
  readonly outcome: Role | 'not allowed' | Failure | 'attempt';
  /** The code of an error. */
  readonly detail?: string;
  /** The account at the provider. */
  readonly account?: string;
}

export interface SignInSettings {
  readonly domain: string;
  readonly login: LoginSettings;
  readonly cookies: Cookies;
  readonly provider: Provider;
  readonly page: PageSettings;
  readonly report: (signIn: SignIn) => void;
}

/** A request by way of nginx. `url`: path and query, as the browser sent them. */
export interface SignInRequest {
  readonly url: string;
  readonly method: string;
  readonly cookie: string;
  readonly origin: string;
  readonly network: string;
}

/** What answers each path. */
export interface SignInPaths {
  readonly begin: (request: SignInRequest, now: Date) => Promise<Answer>;
  readonly complete: (request: SignInRequest, now: Date) => Promise<Answer>;
  readonly signOut: (request: SignInRequest, now: Date) => Promise<Answer>;
}

/**
 * Signs hosts in and out. Any shard completes what another began: a browser brings everything that is needed in its
 * encrypted cookie.
 */
export function signIn(settings: SignInSettings): SignInPaths {
  const { domain, login, cookies, provider, page, report } = settings;
  const networks = new Budget(NETWORK_BUDGET);

  return { begin, complete, signOut };

  async function begin({ url, network }: SignInRequest, now: Date): Promise<Answer> {
    if (!networks.spend(network, 1, now.getTime())) return tooManyPage(page);
    const { searchParams } = new URL(url, 'https://page.invalid');
    const room = searchParams.get('room') ?? undefined;
    if (room !== undefined && roomComplaint(room) !== undefined) return noMeetingPage(page);
    try {
      const { address, attempt } = await provider.begin(room, searchParams.get('account') === 'other');
      const cookie = await cookies.write('attempt', attempt, new Date(now.getTime() + ATTEMPT));
      return redirect(address, [cookie]);
    } catch (error) {
      return failed(error, room);
    }
  }

  async function complete({ url, cookie, network }: SignInRequest, now: Date): Promise<Answer> {
    if (!networks.spend(network, 1, now.getTime())) return tooManyPage(page);
    const attempt = await cookies.read('attempt', cookie, now);
    const { search } = new URL(url, 'https://page.invalid');
    const answer = attempt ? await finish(search, attempt, now) : failed('attempt', undefined);
    const { 'set-cookie': more = [] } = answer.headers;
    return {
      ...answer,
      headers: { ...answer.headers, 'set-cookie': [...[more].flat(), cookies.remove('attempt')] },
    };
  }

  async function finish(query: string, attempt: Attempt, now: Date): Promise<Answer> {
    let claims: Claims;
    try {
      claims = await provider.finish(query, attempt);
    } catch (error) {
      return failed(error, attempt.room);
    }
    const account = text(claims.email) ?? String(claims.sub);
    const role = roleOf(claims, login);
    report({ outcome: role ?? 'not allowed', account });
    if (!role) return notAllowedPage(attempt.room, page);
    const [name, email] = [text(claims.name), text(claims.email)];
    const session = { id: idOf(claims.sub), role, ...(name && { name }), ...(email && { email }) };
    const cookie = await cookies.write('session', session, new Date(now.getTime() + sessionLength(login)));
    return redirect(`/${encodeURIComponent(attempt.room ?? '')}`, [cookie]);
  }

  function failed(error: unknown, room: string | undefined): Answer {
    if (error === 'attempt') {
      report({ outcome: 'attempt' });
      return failedPage('attempt', room, page);
    }
    if (!(error instanceof SignInFailed)) throw error;
    report({ outcome: error.why, detail: error.message });
    return failedPage(error.why, room, page);
  }

  /** Only a form of this site signs out. */
  async function signOut({ method, origin, cookie }: SignInRequest, now: Date): Promise<Answer> {
    const session = await cookies.read('session', cookie, now);
    if (method !== 'POST' || (origin !== '' && origin !== `https://${domain}`))
      return signOutPage(session !== undefined, page);
    return redirect(LOGIN_PATHS.signOut, [cookies.remove('session')], 303);
  }
}

const redirect = (location: string, cookies: readonly string[], status = 302): Answer => ({
  status,
  headers: { location, 'set-cookie': cookies, 'cache-control': 'no-store' },
  body: '',
});

/** Others in a meeting may see it. */
const idOf = (subject: unknown): string =>
  createHash('sha256').update(String(subject)).digest('base64url').slice(0, 22);

const text = (claim: unknown): string | undefined =>
  typeof claim === 'string' && claim.trim() !== ''
    ? claim.replace(/\p{C}/gu, '').trim().slice(0, LONGEST_TEXT)
    : undefined;
