import { z } from 'zod';

/** The settings travel in user data, which EC2 limits to 16 KB. */
const MOST_VALUES = 20;
const LONGEST_SESSION_H = 168;
const LONGEST_HOSTLESS_MIN = 1440;

const word = (longest: number) =>
  z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(longest, `is longer than ${longest} characters`)
    .regex(/^\P{C}*$/u, 'has invisible characters');

const some = <T extends z.ZodType>(each: T, what: string) =>
  z.array(each).min(1, `has no ${what}`).max(MOST_VALUES, `has more than ${MOST_VALUES} ${what}`);

const issuer = word(300).superRefine((text, context) => {
  const complaint = issuerComplaint(text);
  if (complaint) context.addIssue({ code: 'custom', message: complaint });
});

/** What is wrong with an issuer, as a clause that follows it; undefined if nothing is. */
function issuerComplaint(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') return 'is not an https URL such as https://accounts.google.com';
  if (url.username || url.password) return 'contains a user name; give only the URL of the provider';
  if (url.search || url.hash) return 'has a query or a fragment, which issuers do not have';
  if (url.pathname.includes('/.well-known/'))
    return 'is the address of the provider’s metadata; give the part before /.well-known/';
  if (
    url.hostname === 'login.microsoftonline.com' &&
    /^\/(common|organizations|consumers)\b/.test(url.pathname)
  )
    return 'is for all tenants of Microsoft; give the id of your own: https://login.microsoftonline.com/TENANT/v2.0';
  return undefined;
}

const mailDomain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253, 'is longer than 253 characters')
  .regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,63}$/, 'is not a domain such as example.org');

/** Who has one of these values in a claim, which may be a list. */
export const ClaimValues = z.strictObject({
  claim: word(100).describe('Name of a claim, such as groups; a dot separates the names of nested claims.'),
  values: some(word(100), 'values').describe('Values of which the claim must have one.'),
});
export type ClaimValues = z.infer<typeof ClaimValues>;

/** Where hosts sign in, and who is one, as a machine gets it. */
export const LoginSettings = z
  .strictObject({
    issuer: issuer.describe(
      'Issuer URL of the OpenID Connect provider, such as https://accounts.google.com.',
    ),
    client: word(200).describe('Client id that the provider has given to this deployment.'),
    allow: z
      .union([
        z.literal('everyone'),
        z.strictObject({
          domains: some(mailDomain, 'domains').describe(
            'Domains of mail addresses that the provider verified.',
          ),
        }),
        ClaimValues,
      ])
      .describe(
        'Who may sign in. "everyone": all accounts of the provider. {domains: […]}: accounts with a verified mail address there. {claim: …, values: […]}: accounts with one of the values.',
      ),
    moderators: ClaimValues.optional().describe(
      'Which of these accounts are hosts: those with one of the values. The others wait like guests, under their own name. Default: all.',
    ),
    session: z
      .string()
      .regex(/^[1-9]\d{0,2}h$/, 'is not a number of hours such as "12h"')
      .refine(
        (text) => Number.parseInt(text, 10) <= LONGEST_SESSION_H,
        `is longer than ${LONGEST_SESSION_H}h`,
      )
      .default('12h')
      .describe('How long hosts stay signed in, from "1h" to "168h". Default: 12h.'),
    hostless: z
      .string()
      .regex(/^[1-9]\d{0,3}m$/, 'is not a number of minutes such as "10m"')
      .refine(
        (text) => Number.parseInt(text, 10) <= LONGEST_HOSTLESS_MIN,
        `is longer than ${LONGEST_HOSTLESS_MIN}m`,
      )
      .optional()
      .describe(
        'After how long a meeting ends that its last host has left, from "1m" to "1440m", unless a host returns. Default: it goes on.',
      ),
  })
  .describe('Where hosts sign in, and who may. For "access: hosts".');
export type LoginSettings = z.infer<typeof LoginSettings>;

/** Milliseconds for which a host stays signed in. */
export const sessionLength = ({ session }: Pick<LoginSettings, 'session'>): number =>
  Number.parseInt(session, 10) * 3_600_000;

/** Seconds after which a meeting without a host ends. Undefined: it goes on. */
export const hostlessTime = ({ hostless }: Pick<LoginSettings, 'hostless'>): number | undefined =>
  hostless === undefined ? undefined : Number.parseInt(hostless, 10) * 60;

/** Paths of the page, below its domain. */
export const LOGIN_PATHS = {
  signIn: '/convoke/sign-in',
  /** The redirect address at the provider. */
  callback: '/convoke/sign-in/callback',
  signOut: '/convoke/sign-out',
  /** Whether a meeting has started, and then a guest's token. Answered by the room's shard. */
  guest: '/convoke/guest',
} as const;

/** The address that has to be registered at the provider. */
export const redirectAddress = (domain: string): string => `https://${domain}${LOGIN_PATHS.callback}`;

/** What the secret of the account holds. */
export const ClientSecret = z.object({ secret: z.string().min(1) });
