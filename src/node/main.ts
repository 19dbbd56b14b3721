import { parseArgs } from 'node:util';
import { ConvokeError } from '../contract/errors.js';
import { runAgent } from './agent/agent.js';
import { requestDrain } from './agent/drain/request-drain.js';
import { printHealth } from './agent/health/print-health.js';
import { log } from './agent/log.js';
import { shipLogs } from './logs/ship-logs.js';
import { bake, FAILED_FOR_MS, powerOff } from './provision/bake.js';
import { sentence, writeToConsole } from './provision/log.js';
import { abandonLaunch, prepare, provision, renderAgain, renderMembers } from './provision/provision.js';
import { countUpdates } from './security-updates.js';
import { waitForStickTable } from './stick-table-sync.js';

interface Command {
  readonly run: () => Promise<void>;
  /** Start of the message if it fails. */
  readonly failing: string;
  /** Where that message goes. Default: the console. */
  readonly report?: (line: string) => void;
  /** What is done after the message if it fails. */
  readonly afterFailure?: () => Promise<void>;
}

/** The bundle's commands, by its first argument. */
const COMMANDS: Record<string, Command> = {
  provision: {
    run: () => provision(writeToConsole),
    failing: 'provisioning failed',
    // The console has the cause by then: nobody can read it on a machine that is gone.
    afterFailure: () => abandonLaunch(writeToConsole),
  },
  bake: {
    run: () => bake(writeToConsole),
    failing: 'provisioning failed',
    afterFailure: () => powerOff(FAILED_FOR_MS),
  },
  prepare: { run: () => prepare(prepareOptions(), writeToConsole), failing: 'preparing failed' },
  render: { run: () => renderAgain(writeToConsole), failing: 'rendering failed' },
  'render-members': {
    run: () => renderMembers(writeToConsole),
    failing: 'configuration could not be updated for the other machines',
  },
  'stick-table-sync': {
    run: () => waitForStickTable(),
    failing: 'the stick table could not be synchronized',
  },
  agent: { run: () => runAgent(), failing: 'the agent failed', report: log.error },
  'ship-logs': { run: () => shipLogs(), failing: 'lines are not sent', report: log.error },
  drain: { run: () => requestDrain(drainOptions().undo), failing: 'the drain request failed' },
  'count-updates': { run: () => countUpdates(), failing: 'pending updates could not be counted' },
  health: { run: () => printHealth(), failing: 'reading the health failed' },
};

const command = COMMANDS[process.argv[2] ?? ''];
if (!command) {
  writeToConsole(`no such command; use one of ${Object.keys(COMMANDS).join(', ')}`);
  process.exitCode = 2;
} else {
  await Promise.resolve()
    .then(command.run)
    .catch(async (error: unknown) => {
      // The last line on the console must be enough to act on.
      (command.report ?? writeToConsole)(`${command.failing}: ${sentence(error)}`);
      await command.afterFailure?.();
      // An explicit exit: an open server would keep a failed agent running, and systemd would not restart it.
      process.exit(error instanceof ConvokeError ? error.exitCode : 1);
    });
}

function prepareOptions(): { packages?: string | undefined; recorder?: boolean | undefined } {
  const options = { packages: { type: 'string' }, recorder: { type: 'boolean' } } as const;
  return parseArgs({ args: process.argv.slice(3), options }).values;
}

function drainOptions(): { undo: boolean } {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { undo: { type: 'boolean', default: false } },
  });
  return values;
}
