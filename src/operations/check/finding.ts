import { explain } from '../error-mapper.js';

/** What one look found. */
export interface Finding {
  /** What was looked at, in a person's words: `quota of VPCs`. */
  readonly subject: string;
  /**
   * `fine`; `wrong`: the person's to mend before `up`; `unknown`: nobody could say, which need not be bad; `failed`: AWS
   * failed while it was asked.
   */
  readonly state: 'fine' | 'wrong' | 'unknown' | 'failed';
  /** What was found, a sentence or its stem. */
  readonly said: string;
  /** What to do about it, a sentence; empty where nothing is to be done. */
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

/** Looks and judges. What could not be looked at is a finding too, so that one answer missing hides no other. */
export async function finding<F>(
  subject: string,
  look: () => Promise<F>,
  judge: (facts: F) => Finding[],
): Promise<Finding[]> {
  let facts: F;
  try {
    facts = await look();
  } catch (error) {
    return [unanswered(subject, error)];
  }
  return judge(facts);
}

/** How services that are not AWS's say that they do not know a call. */
const NOT_KNOWN = /InvalidAction|UnknownOperation|NotImplemented|Unsupported service|not supported/i;

/** Nobody can say anything more where the account cannot be reached, or does not know the person. */
const HOPELESS = [
  'CredentialsWrong',
  'CredentialsExpired',
  'CredentialsMissing',
  'ClockWrong',
  'NoConnection',
];

/** What it means that a question was not answered. Throws where no other would be answered either. */
export function unanswered(subject: string, error: unknown): Finding {
  const { name = '', message = '', error: other = '' } = error as Partial<Error & { error: string }>;
  if (NOT_KNOWN.test(`${name} ${message} ${other}`))
    return unknown(subject, 'this cloud has no answer to that; AWS has');
  const known = explain(error);
  if (HOPELESS.includes(known.name)) throw known;
  if (known.name === 'NotAllowed') {
    return unknown(
      subject,
      `these credentials may not look: ${message}`,
      'Have the right given, or look yourself in the AWS console; "convoke policy" prints all rights that are needed.',
    );
  }
  return { subject, state: 'failed', said: `AWS failed: ${message || name}`, now: known.now };
}
