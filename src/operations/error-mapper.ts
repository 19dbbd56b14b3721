import type { StackEvent, StackStatus } from '@aws-sdk/client-cloudformation';
import { ConvokeError } from '../contract/errors.js';
import { resourceName } from '../stack/resource-names.js';
import { MEANINGS, type Meaning } from './error-meanings.js';
import { aftermath } from './stack-states.js';

/** What CloudFormation says of a resource. */
const meaningOfWords = (said: string) => MEANINGS.find(({ words }) => words?.test(said));

/**
 * What an error means: by its name or code, or that of one behind it. Its words count only where nothing that was thrown
 * has a code that is known: "disk quota exceeded" is none of AWS's quotas.
 */
function meaningOf(error: unknown): Meaning | undefined {
  const chain = causes(error);
  for (const one of chain) {
    const { message = '' } = one as Refusal;
    const codes = codesOf(one);
    const found = MEANINGS.find((meaning) =>
      meaning.codes.some((code) =>
        typeof code === 'string' ? codes.includes(code) : codes.includes(code[0]) && code[1].test(message),
      ),
    );
    if (found) return found;
  }
  const said = chain.filter((one) => (one as Refusal).syscall === undefined);
  return meaningOfWords(said.map((one) => (one as Refusal).message ?? String(one)).join('\n'));
}

/** An error's own name and code, and those that its words quote, as bootstrap stacks do with what AWS said. */
function codesOf(error: unknown): string[] {
  const { name = '', code = '', message = String(error), $metadata } = error as Refusal;
  const quoted = [...message.matchAll(/Error Code: (\w+)|\((\w+)\)|\b(E[A-Z_]{3,})\b/g)].flatMap(
    ([, ...groups]) => groups.filter(Boolean),
  );
  // S3 answers some calls with a number and without words.
  const wordless = /^Unknown(Error)?$/.test(name) ? [`Unknown ${$metadata?.httpStatusCode}`] : [];
  return [name, code, ...wordless, ...quoted];
}

/** An error, and those behind it, each once and the outermost first. */
export function causes(error: unknown): unknown[] {
  const found = new Set<unknown>();
  const add = (one: unknown) => {
    if (found.has(one) || found.size > 20) return;
    found.add(one);
    const { cause, errors = [] } = one as Refusal;
    for (const each of [cause, ...errors]) if (each instanceof Error) add(each);
  };
  add(error);
  return [...found];
}

/** CloudFormation cancels what was under way when something else failed; that is noise beside the cause. */
const CANCELLED = /Resource creation cancelled|cancelled/i;

/**
 * Turns what a deployment threw, and the failed events seen on the way, into one error a person can act on. `left`: the
 * state in which it left its stack.
 */
export function explainFailure(
  error: unknown,
  failed: readonly StackEvent[],
  left?: StackStatus,
): ConvokeError {
  if (error instanceof ConvokeError) return error;
  const cause = failed.find((event) => !CANCELLED.test(event.ResourceStatusReason ?? ''));
  const words = cause?.ResourceStatusReason ?? (error instanceof Error ? error.message : String(error));
  const meaning = cause ? meaningOfWords(words) : meaningOf(error);
  return new ConvokeError(meaning?.name ?? 'DeploymentFailed', {
    what: cause
      ? `CloudFormation could not make the ${resourceName(cause.LogicalResourceId ?? '', cause.ResourceType ?? '')} (${cause.ResourceType}): ${words}`
      : `The deployment failed: ${words}`,
    why: [meaning?.why, aftermath(left)].filter(Boolean).join(' '),
    now:
      meaning?.now ??
      'Run the same command again; if it fails the same way, "convoke down" takes back what was made.',
    fault: meaning?.fault ?? 'convoke',
    cause: error,
  });
}

/** What an SDK throws, as far as it is looked at. */
type Refusal = Partial<
  Error & {
    code: string;
    syscall: string;
    errors: readonly unknown[];
    $metadata: { httpStatusCode?: number };
  }
>;

/** What any operation threw, as one error a person can act on. What nobody foresaw is convoke's own fault, and said to be. */
export function explain(error: unknown): ConvokeError {
  if (error instanceof ConvokeError) return error;
  const { name = '', message = String(error), code = '' } = error as Refusal;
  const meaning = meaningOf(error);
  if (meaning) {
    return new ConvokeError(meaning.name, {
      ...meaning,
      what: `${message || code || name}.`.replace(/\.\.$/, '.'),
      cause: error,
    });
  }
  return new ConvokeError('Unexpected', {
    what: `Something went wrong inside convoke: ${message}`,
    why: 'This is a fault of convoke, not yours.',
    now: 'Run the same command again with CONVOKE_DEBUG=1 and report what it prints.',
    cause: error,
  });
}
