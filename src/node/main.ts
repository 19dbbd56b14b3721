import { parseArgs } from 'node:util';
import { ConvokeError } from '../config/errors.js';
import { runAgent } from './agent/agent.js';
import { askForDrain } from './agent/ask-for-drain.js';
import { printHealth } from './agent/print-health.js';
import { untilRoomsAreKnown } from './edge-rooms.js';
import { sayOnConsole } from './provision/console.js';
import { prepare, provision, renderAgain, renderEdge } from './provision/provision.js';
import { countUpdates } from './security-updates.js';

/** What the bundle can be asked to do, by its first argument. */
const DUTIES: Record<string, { run: () => Promise<void>; failing: string }> = {
  provision: { run: () => provision(sayOnConsole), failing: 'provisioning failed' },
  prepare: { run: () => prepare(prepareOptions(), sayOnConsole), failing: 'preparing failed' },
  render: { run: () => renderAgain(sayOnConsole), failing: 'rendering failed' },
  'render-edge': { run: () => renderEdge(sayOnConsole), failing: 'the edge was not told of other machines' },
  'edge-rooms': {
    run: () => untilRoomsAreKnown(),
    failing: 'it is not known whether the edge knows its rooms',
  },
  agent: { run: () => runAgent(), failing: 'the agent failed' },
  drain: { run: () => askForDrain(drainOptions().undo), failing: 'the machine was not asked to leave' },
  'count-updates': { run: () => countUpdates(), failing: 'waiting updates were not counted' },
  health: { run: () => printHealth(), failing: 'health is unknown' },
};

const duty = DUTIES[process.argv[2] ?? ''];
if (!duty) {
  sayOnConsole(`say what to do: ${Object.keys(DUTIES).join(', ')}`);
  process.exitCode = 2;
} else {
  await Promise.resolve()
    .then(duty.run)
    .catch((error: unknown) => {
      // The last line on the console has to be enough to act on.
      sayOnConsole(`${duty.failing}: ${sentence(error)}`);
      // Not left to Node: a server that is open already would keep a failed agent alive, and systemd would not start another.
      process.exit(error instanceof ConvokeError ? error.exitCode : 1);
    });
}

function prepareOptions(): { packages?: string | undefined } {
  return parseArgs({ args: process.argv.slice(3), options: { packages: { type: 'string' } } }).values;
}

function drainOptions(): { undo: boolean } {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { undo: { type: 'boolean', default: false } },
  });
  return values;
}

function sentence(error: unknown): string {
  if (error instanceof ConvokeError)
    return [error.message, error.why, error.now].join(' ').replace(/\s+/g, ' ');
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
