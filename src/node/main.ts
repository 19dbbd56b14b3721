import { parseArgs } from 'node:util';
import { ConvokeError } from '../contract/errors.js';
import { runAgent } from './agent/agent.js';
import { requestDrain } from './agent/drain/request-drain.js';
import { printHealth } from './agent/health/print-health.js';
import { writeToConsole } from './provision/console.js';
import { prepare, provision, renderAgain, renderEdge } from './provision/provision.js';
import { countUpdates } from './security-updates.js';
import { waitForStickTable } from './stick-table-sync.js';

/** What the bundle can be asked to do, by its first argument. */
const COMMANDS: Record<string, { run: () => Promise<void>; failing: string }> = {
  provision: { run: () => provision(writeToConsole), failing: 'provisioning failed' },
  prepare: { run: () => prepare(prepareOptions(), writeToConsole), failing: 'preparing failed' },
  render: { run: () => renderAgain(writeToConsole), failing: 'rendering failed' },
  'render-edge': {
    run: () => renderEdge(writeToConsole),
    failing: 'the edge was not told of other machines',
  },
  'stick-table-sync': {
    run: () => waitForStickTable(),
    failing: 'it is not known whether the edge knows its rooms',
  },
  agent: { run: () => runAgent(), failing: 'the agent failed' },
  drain: { run: () => requestDrain(drainOptions().undo), failing: 'the machine was not asked to leave' },
  'count-updates': { run: () => countUpdates(), failing: 'waiting updates were not counted' },
  health: { run: () => printHealth(), failing: 'health is unknown' },
};

const command = COMMANDS[process.argv[2] ?? ''];
if (!command) {
  writeToConsole(`say what to do: ${Object.keys(COMMANDS).join(', ')}`);
  process.exitCode = 2;
} else {
  await Promise.resolve()
    .then(command.run)
    .catch((error: unknown) => {
      // The last line on the console has to be enough to act on.
      writeToConsole(`${command.failing}: ${sentence(error)}`);
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
