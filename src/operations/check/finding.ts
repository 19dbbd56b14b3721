import { explain } from '../error-mapper.js';

/** The result of one check. */
export interface Finding {
  /** What was checked: `quota of VPCs`. */
  readonly subject: string;
  /**
   * `fine`; `wrong`: the user has to fix it before `up`; `unknown`: the check could not be completed, which may be
   * harmless; `failed`: AWS failed to answer.
   */
  readonly state: 'fine' | 'wrong' | 'unknown' | 'failed';
  /** The result, a sentence or clause. */
  readonly said: string;
  /** What to do about it, a sentence; empty if no action is needed. */
  readonly now: string;
}

export const fine = (subject: string, said: string): Finding => ({ subject, state: 'fine', said, now: '' });
export const wrong = (subject: string, said: string, now: string): Finding => ({
  subject,
  state: 'wrong',
  said,
  now,
});
export const unknown = (subject: string, said: string, now = ''): Finding => ({
  subject,
  state: 'unknown',
  said,
  now,
});

/** Runs one check. A check that fails is a finding too, so that it does not hide the results of others. */
export async function finding<F>(
  subject: string,
  read: () => Promise<F>,
  judge: (facts: F) => Finding[],
): Promise<Finding[]> {
  let facts: F;
  try {
    facts = await read();
  } catch (error) {
    return [unanswered(subject, error)];
  }
  return judge(facts);
}

/** Errors of AWS-compatible services for actions that they do not support. */
const UNSUPPORTED = /InvalidAction|UnknownOperation|NotImplemented|Unsupported service|not supported/i;

/** Errors after which no other check can succeed. */
const FATAL = ['CredentialsWrong', 'CredentialsExpired', 'CredentialsMissing', 'ClockWrong', 'NoConnection'];

/** Turns the error of a check into a finding. Throws errors after which no other check can succeed. */
export function unanswered(subject: string, error: unknown): Finding {
  const { name = '', message = '', error: other = '' } = error as Partial<Error & { error: string }>;
  if (UNSUPPORTED.test(`${name} ${message} ${other}`))
    return unknown(subject, 'this cloud does not support the check');
  const known = explain(error);
  if (FATAL.includes(known.name)) throw known;
  if (known.name === 'NotAllowed') {
    return unknown(
      subject,
      `the credentials lack a permission: ${message}`,
      'Grant the permission, or check in the AWS console; "convoke policy" prints all required permissions.',
    );
  }
  return { subject, state: 'failed', said: `AWS failed: ${message || name}`, now: known.now };
}
