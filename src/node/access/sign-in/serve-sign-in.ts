import { AGENT_PATHS } from '../../../contract/agent-requests.js';
import { SIGN_IN_KEY_FILE, STARTED_MEETING_PATH } from '../../../contract/machine-layout.js';
import type { ShardSpec } from '../../../contract/machine-spec.js';
import { pageSettings } from '../../render/refusal-page.js';
import type { Answer } from '../answer.js';
import { askProsody } from '../ask-prosody.js';
import { keyFrom } from '../key-file.js';
import { cookies } from './cookies.js';
import { admitGuest, admitWithHosts } from './host-admission.js';
import { provider } from './provider.js';
import { type SignIn, type SignInRequest, signIn } from './sign-in.js';
import { type HasStarted, keptForAMoment } from './started-meetings.js';

/** What an agent needs to sign hosts in, besides the spec. */
export interface SignInMeans {
  /** The client's secret at the provider; undefined if none is stored. */
  readonly clientSecret: () => Promise<string | undefined>;
  readonly report: (signIn: SignIn) => void;
  /** Milliseconds for which a guest's conference request waits for a host. Default: as `conferenceAdmission` has it. */
  readonly hostPatience?: number;
}

/** The agent's part in `access: hosts`. */
export interface Hosts {
  readonly hasStarted: HasStarted;
  /** Answers a request for a page, a sign-in, a sign-out, or of a guest. Undefined: none of these. `path`: nginx's. */
  readonly answer: (path: string, request: SignInRequest, now: Date) => Promise<Answer> | undefined;
}

/** `key`: of tokens. */
export async function hosts(
  spec: Pick<ShardSpec, 'domain' | 'meetings' | 'logo' | 'login'>,
  key: string,
  { clientSecret, report }: SignInMeans,
): Promise<Hosts> {
  const { domain, login: settings } = spec;
  if (!settings) throw new Error('access: hosts without login');
  const { secret: _, ...login } = settings;
  const page = pageSettings(spec);
  const sealed = cookies(
    await keyFrom(SIGN_IN_KEY_FILE, { name: 'NoSignInKey', holds: 'cookies with which hosts sign in' }),
    domain,
    login,
  );
  const hasStarted = keptForAMoment((meeting) => askProsody(domain, STARTED_MEETING_PATH, { meeting }));
  const admission = { domain, key, cookies: sealed, page, hasStarted };
  const sign = signIn({
    domain,
    login,
    cookies: sealed,
    provider: provider(domain, login, clientSecret),
    page,
    report,
  });
  return {
    hasStarted,
    answer(path, request, now) {
      switch (path) {
        case AGENT_PATHS.page:
          return admitWithHosts(request, admission, now);
        case AGENT_PATHS.guest:
          return admitGuest(request, admission, now);
        case AGENT_PATHS.signIn:
          return sign.begin(request, now);
        case AGENT_PATHS.callback:
          return sign.complete(request, now);
        case AGENT_PATHS.signOut:
          return sign.signOut(request, now);
        default:
          return undefined;
      }
    },
  };
}
