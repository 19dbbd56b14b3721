import { LOGIN_PATHS } from '../../../contract/login.js';
import waiting from '../../../page/waiting.text.js';
import { type PageSettings, type Words, wordsHeaders, wordsPage } from '../../render/refusal-page.js';
import type { Answer } from '../answer.js';
import type { Failure } from './provider.js';

/** The address at which a host signs in, to open a room by its display name. */
export const signInAddress = (room: string | undefined, otherAccount = false): string => {
  const query = new URLSearchParams({
    ...(room !== undefined && { room }),
    ...(otherAccount && { account: 'other' }),
  });
  return `${LOGIN_PATHS.signIn}${query.size > 0 ? `?${query}` : ''}`;
};

/** Where hosts sign in: the bare domain. */
export const welcomePage = (page: PageSettings): Answer =>
  answer(
    {
      what: 'Hosts sign in to start a meeting.',
      now: 'If you are a guest, open the link of the meeting that you were sent.',
      links: [{ text: 'Sign in', to: signInAddress(undefined) }],
    },
    page,
  );

/** Where guests wait. `key`: the room's, as `roomKey` returns it. `name`: of an account that is signed in, but no host. */
export function waitingPage(
  room: { readonly display: string; readonly key: string },
  account: { readonly name: string } | undefined,
  page: PageSettings,
): Answer {
  const words = {
    what: 'The meeting has not started yet.',
    now: `Keep this page open: it lets you in as soon as a host has started the meeting. ${
      account ? 'You are signed in, but not as a host.' : 'If you are a host, sign in.'
    }`,
    links: [
      account
        ? { text: 'Use another account', to: signInAddress(room.display, true) }
        : { text: 'Sign in', to: signInAddress(room.display) },
    ],
  };
  return {
    // Like every page without a meeting, so that a page whose token has expired loads this one.
    status: 403,
    headers: wordsHeaders(waiting, "connect-src 'self'"),
    body: wordsPage(words, page, waiting, { room: room.key }),
  };
}

/** Signed in at the provider, but not allowed here. */
export const notAllowedPage = (room: string | undefined, page: PageSettings): Answer => ({
  ...answer(
    {
      what: 'This account may not sign in here.',
      now: 'Use another account, or ask the administrator to allow yours. As a guest you need no account: open the link of the meeting, and wait for a host.',
      links: [{ text: 'Use another account', to: signInAddress(room, true) }],
    },
    page,
  ),
  status: 403,
});

const FAILED: Readonly<Record<Failure | 'attempt', Words & { readonly status: number }>> = {
  unavailable: {
    status: 503,
    what: 'Nobody can sign in at the moment.',
    now: 'The service that checks accounts does not answer. Try again in a few minutes. Meetings that have started go on, and invitations are still valid.',
  },
  secret: {
    status: 503,
    what: 'Nobody can sign in here yet.',
    now: 'The service that checks accounts does not accept this site. Tell the administrator: “convoke login set-secret” stores the client’s secret.',
  },
  cancelled: {
    status: 403,
    what: 'You are not signed in.',
    now: 'The sign-in was cancelled, or your account may not use this site.',
  },
  refused: {
    status: 403,
    what: 'The sign-in could not be completed.',
    now: 'Try again. If it fails again, tell the administrator, and check the clock of this device.',
  },
  attempt: {
    status: 403,
    what: 'This sign-in was not started here.',
    now: 'It was started in another browser, or more than ten minutes ago, or was completed already. Try again.',
  },
};

/** A sign-in that failed. `attempt`: the browser did not begin it, or too long ago. */
export function failedPage(why: Failure | 'attempt', room: string | undefined, page: PageSettings): Answer {
  const { status, ...words } = FAILED[why];
  return { ...answer({ ...words, links: [{ text: 'Sign in', to: signInAddress(room) }] }, page), status };
}

export const tooManyPage = (page: PageSettings): Answer => ({
  ...answer({ what: 'Too many sign-ins.', now: 'Try again in a minute.' }, page),
  status: 429,
});

/** An address that cannot be a meeting's. */
export const noMeetingPage = (page: PageSettings): Answer => ({
  ...answer(
    {
      what: 'There is no meeting at this address.',
      now: 'Check the address: it is the domain and the name of the meeting, without further slashes.',
    },
    page,
  ),
  status: 404,
});

export const signOutPage = (signedIn: boolean, page: PageSettings): Answer =>
  answer(
    signedIn
      ? {
          what: 'Sign out?',
          now: 'Meetings that you have open go on. You stay signed in at the service that checks accounts.',
          button: { text: 'Sign out', to: LOGIN_PATHS.signOut },
        }
      : { what: 'You are signed out.', now: 'Close the tabs of meetings that you have started.' },
    page,
  );

const answer = (words: Words, page: PageSettings): Answer => ({
  status: 200,
  headers: wordsHeaders(),
  body: wordsPage(words, page),
});
