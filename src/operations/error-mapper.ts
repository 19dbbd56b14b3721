import type { StackEvent, StackStatus } from '@aws-sdk/client-cloudformation';
import { ConvokeError } from '../contract/errors.js';
import { resourceLabel } from '../stack/resource-labels.js';
import { MEANINGS, type Meaning, PATH_PROBLEMS } from './error-meanings.js';
import { aftermath } from './stack-states.js';

/** Finds the meaning of a message without a code. */
const meaningOfMessage = (message: string) => MEANINGS.find(({ words }) => words?.test(message));

/** Finds the meaning of CloudFormation's reason why a resource failed. */
const meaningOfReason = (message: string) =>
  MEANINGS.find(({ words, reasons }) => words?.test(message) || reasons?.test(message));

/**
 * Finds the meaning of an error by its name or code, or that of one of its causes. Messages are used only if no code
 * is known, because "disk quota exceeded", for example, is not an AWS quota.
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
  const withoutCode = chain.filter((one) => (one as Refusal).syscall === undefined);
  return meaningOfMessage(withoutCode.map((one) => (one as Refusal).message ?? String(one)).join('\n'));
}

/** An error's name and code, and the codes that its message quotes, as CDK's toolkit does with AWS's errors. */
function codesOf(error: unknown): string[] {
  const { name = '', code = '', message = String(error), $metadata } = error as Refusal;
  const quoted = [...message.matchAll(/Error Code: (\w+)|\((\w+)\)|\b(E[A-Z_]{3,})\b/g)].flatMap(
    ([, ...groups]) => groups.filter(Boolean),
  );
  // S3 answers some calls with a status code and no body.
  const wordless = /^Unknown(Error)?$/.test(name) ? [`Unknown ${$metadata?.httpStatusCode}`] : [];
  return [name, code, ...wordless, ...quoted];
}

/** An error and its causes, each once, outermost first. */
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

/** CloudFormation cancels pending resources when another one fails; those events do not show the cause. */
const CANCELLED = /Resource creation cancelled|cancelled/i;

/**
 * Turns the error of a deployment and its failed events into one error that the user can act on. `left`: the state of
 * the stack after the failure.
 */
export function explainFailure(
  error: unknown,
  failed: readonly StackEvent[],
  left?: StackStatus,
): ConvokeError {
  if (error instanceof ConvokeError) return error;
  const cause = failed.find((event) => !CANCELLED.test(event.ResourceStatusReason ?? ''));
  const words = cause?.ResourceStatusReason ?? (error instanceof Error ? error.message : String(error));
  const meaning = cause ? meaningOfReason(words) : meaningOf(error);
  return new ConvokeError(meaning?.name ?? 'DeploymentFailed', {
    what: cause
      ? `CloudFormation could not create or update the ${resourceLabel(cause.LogicalResourceId ?? '', cause.ResourceType ?? '')} (${cause.ResourceType}): ${words}`
      : `The deployment failed: ${words}`,
    why: [meaning?.why ?? meaning?.what, aftermath(left)].filter(Boolean).join(' '),
    now:
      meaning?.now ??
      'Run the same command again. If it fails in the same way, run "convoke down" to delete what was created.',
    fault: meaning?.fault ?? 'convoke',
    cause: error,
  });
}

/** The properties of SDK and system errors that are used here. */
type Refusal = Partial<
  Error & {
    code: string;
    syscall: string;
    path: string;
    errors: readonly unknown[];
    $metadata: { httpStatusCode?: number };
  }
>;

/** A system error about a path, as a sentence; undefined if the error is another one. */
function pathSentence(error: unknown): string | undefined {
  const { code = '', path } = error as Refusal;
  const problem = PATH_PROBLEMS[code];
  return problem && path ? `${path} cannot be used: ${problem}.` : undefined;
}

/** Turns any error into one that the user can act on. Unknown errors are reported as a fault of convoke. */
export function explain(error: unknown): ConvokeError {
  if (error instanceof ConvokeError) return error;
  const { name = '', message = String(error), code = '' } = error as Refusal;
  const meaning = meaningOf(error);
  if (meaning) {
    const words = `${message || code || name}.`.replace(/\.\.$/, '.');
    const aboutPath = pathSentence(error);
    return new ConvokeError(meaning.name, {
      ...meaning,
      what: meaning.what ?? aboutPath ?? words,
      why: aboutPath ? words : (meaning.why ?? words),
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
