#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { Output } from './output/output.js';
import { type CommonOptions, makeContext, type Verb, verbCommand } from './verb.js';

// The SDK's versions are pinned; its word about later ones helps nobody here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** Loaded only when asked for, so that help is quick. What only `reads` has nothing to finish when it is interrupted. */
const VERBS: Record<string, { description: string; reads?: true; load: () => Promise<{ verb: Verb }> }> = {
  init: { description: 'ask a few questions and write convoke.yaml', load: () => import('./init.js') },
  check: {
    description: 'whether account, domain and file fit together, before anything costs',
    reads: true,
    load: () => import('./check.js'),
  },
  preview: {
    description: 'what "up" would change, and a picture of it',
    reads: true,
    load: () => import('./preview.js'),
  },
  cost: {
    description: 'what it costs a month, item by item',
    reads: true,
    load: () => import('./cost.js'),
  },
  up: { description: 'deploy, and join a meeting to prove it', load: () => import('./up.js') },
  status: { description: 'machines, health, meetings, people', load: () => import('./status.js') },
  probe: {
    description: 'join a meeting as people do, and tell what each sees and hears',
    reads: true,
    load: () => import('./probe.js'),
  },
  invite: {
    description: 'a signed link to a room, for members',
    reads: true,
    load: () => import('./invite.js'),
  },
  drill: {
    description: 'break something on purpose, and measure what participants notice',
    load: () => import('./drill.js'),
  },
  down: {
    description: 'delete everything, and look whether anything is left',
    load: () => import('./down.js'),
  },
  eject: {
    description: 'templates and a CDK app that can be owned without convoke',
    load: () => import('./eject.js'),
  },
  policy: {
    description: 'the rights that deploying needs; makes a user or role that has them',
    load: () => import('./policy.js'),
  },
  rehearse: {
    description: 'all of it on this machine, without an AWS account',
    load: () => import('./rehearse.js'),
  },
};

const args = process.argv.slice(2);
const at = verbAt(args);
const chosen = VERBS[args[at] ?? ''];

/** Ctrl-C aborts what is going on; the second one ends the process at once. */
const abort = new AbortController();
// Long waits listen to it again and again; Node would call eleven listeners a leak.
setMaxListeners(0, abort.signal);
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (abort.signal.aborted || chosen?.reads) process.exit(130);
    abort.abort();
    process.stderr.write('\nInterrupted; finishing safely. Once more ends at once.\n');
  });
}
// Whoever reads along may stop reading; what was begun is brought to its end all the same.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = chosen ? await runVerb((await chosen.load()).verb, args.toSpliced(at, 1)) : general();

/** Where the verb stands: options that every verb has may come before it. */
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
      output.say('Interrupted; nothing was written.');
      return 130;
    }
    if (abort.signal.aborted) {
      output.say('Interrupted. The same command goes on from here; "convoke down" takes back what was made.');
      return 130;
    }
    return output.error(error);
  }
}

/** Help, version, or a verb that is not known. */
function general(): number {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('convoke')
    .description('A highly available Jitsi Meet on your own AWS account, and gone without a trace.')
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
