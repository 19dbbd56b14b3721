#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { Output } from './output/output.js';
import { type CommonOptions, makeContext, type Verb, verbCommand } from './verb.js';

// On Node.js 20 the SDK warns that its versions of 2027 need Node.js 22. The pinned ones do not (docs/findings.md).
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** Loaded on demand, so that help is quick. A verb that only `reads` has nothing to finish when it is interrupted. */
const VERBS: Record<string, { description: string; reads?: true; load: () => Promise<{ verb: Verb }> }> = {
  init: { description: 'ask a few questions and write convoke.yaml', load: () => import('./init.js') },
  check: {
    description: 'check the account, the domain and convoke.yaml before anything is created',
    reads: true,
    load: () => import('./check.js'),
  },
  preview: {
    description: 'show what "up" would change, with a diagram',
    reads: true,
    load: () => import('./preview.js'),
  },
  cost: {
    description: 'estimate the monthly cost, item by item',
    reads: true,
    load: () => import('./cost.js'),
  },
  up: { description: 'deploy, then join a meeting to verify it', load: () => import('./up.js') },
  upgrade: {
    description: 'bring all machines to another release of Jitsi, and back if it does not work',
    load: () => import('./upgrade.js'),
  },
  status: {
    description: 'show machines, health, meetings and participants',
    load: () => import('./status.js'),
  },
  logs: {
    description: 'show lines of all machines and daemons, also of machines that are gone',
    reads: true,
    load: () => import('./logs.js'),
  },
  shell: {
    description: 'open a shell on a machine, without an open port',
    reads: true,
    load: () => import('./shell.js'),
  },
  recordings: {
    description: 'list recordings, download, link or delete one',
    load: () => import('./recordings.js'),
  },
  probe: {
    description: 'join a meeting with browsers, and report what each one sees and hears',
    reads: true,
    load: () => import('./probe.js'),
  },
  invite: {
    description: 'create signed links to a room, unless access is open',
    reads: true,
    load: () => import('./invite.js'),
  },
  login: {
    description: 'store the secret with which shards sign hosts in',
    load: () => import('./login.js'),
  },
  drill: {
    description: 'inject a fault, and measure what participants notice',
    load: () => import('./drill.js'),
  },
  report: {
    description: 'report meetings, incidents and cost of a time',
    reads: true,
    load: () => import('./report.js'),
  },
  down: {
    description: 'delete everything, and check that nothing is left',
    load: () => import('./down.js'),
  },
  eject: {
    description: 'write the templates and a CDK app that work without convoke',
    load: () => import('./eject.js'),
  },
  policy: {
    description: 'print the IAM policies that deploying needs, or create a user or role with them',
    load: () => import('./policy.js'),
  },
  rehearse: {
    description: 'run the whole life cycle on this machine, without an AWS account',
    load: () => import('./rehearse.js'),
  },
};

const args = process.argv.slice(2);
const at = verbAt(args);
const chosen = VERBS[args[at] ?? ''];

/** The first Ctrl-C aborts the running operation; the second one ends the process immediately. */
const abort = new AbortController();
// Long waits add many listeners; Node would report more than ten as a leak.
setMaxListeners(0, abort.signal);
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (abort.signal.aborted || chosen?.reads) process.exit(130);
    abort.abort();
    process.stderr.write(
      '\nInterrupted: stopping at the next safe point. Press Ctrl-C again to quit immediately.\n',
    );
  });
}
// If the reader of a pipe ends, as `head` does, the operation still runs to its end.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = chosen ? await runVerb((await chosen.load()).verb, args.toSpliced(at, 1)) : general();

/** Index of the verb in the arguments: the common options may come before it. */
function verbAt(all: readonly string[]): number {
  const withValue = ['-c', '--config', '--cloud'];
  return all.findIndex((arg, index) => !arg.startsWith('-') && !withValue.includes(all[index - 1] ?? ''));
}

async function runVerb(verb: Verb, args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const output = new Output({
    json,
    color: !args.includes('--no-color'),
    verbose: args.includes('--verbose'),
  });
  try {
    verb.command.name(`convoke ${verb.command.name()}`).exitOverride().parse(args, { from: 'user' });
  } catch (error) {
    const code = (error as { exitCode?: number }).exitCode;
    return code === 0 ? 0 : 2;
  }
  try {
    const flags = verb.command.opts<CommonOptions & Record<string, unknown>>();
    return (await verb.run(makeContext(flags, abort.signal, output), flags, verb.command.args)) ?? 0;
  } catch (error) {
    if ((error as Error).name === 'ExitPromptError') {
      output.note('Interrupted. Nothing was written.');
      return 130;
    }
    if (abort.signal.aborted) {
      output.note(
        'Interrupted. Run the same command again to continue, or "convoke down" to delete what was created.',
      );
      return 130;
    }
    return output.error(error);
  }
}

/** Handles help, version, and unknown verbs. */
function general(): number {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('convoke')
    .description('Deploys a highly available Jitsi Meet to your own AWS account, and removes it completely.')
    .version(version)
    .exitOverride();
  for (const [verb, { description }] of Object.entries(VERBS))
    program.addCommand(verbCommand(verb, description));
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    program.parse();
    return 0;
  } catch (error) {
    return (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
  }
}
