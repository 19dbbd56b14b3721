import { Command, Option } from 'commander';
import type { Account } from '../cloud/account.js';
import type { Deployment } from '../config/deployment.js';
import { loadDeployment } from '../config/load.js';
import type { OnProgress } from '../operations/progress.js';
import type { Output } from './output/output.js';

/** Options that every verb takes. */
export interface CommonOptions {
  readonly config: string;
  readonly cloud: 'aws' | 'rehearsal';
  readonly json: boolean;
  readonly color: boolean;
  readonly verbose: boolean;
}

/** What a verb works with. It parses its own flags, calls an operation, and draws the answer with `output`. */
export interface Context {
  readonly options: CommonOptions;
  readonly output: Output;
  /** Aborted by the first Ctrl-C; the second ends the process at once. */
  readonly signal: AbortSignal;
  /** The file that `--config` names. */
  deployment(): Deployment;
  /**
   * The deployment and the account it belongs to: AWS's, or the rehearsal's. With `start`, a rehearsal's cloud is started
   * where none runs. `known`: the deployment, where it is not the file's.
   */
  inAccount(start?: 'start', known?: Deployment): Promise<{ deployment: Deployment; account: Account }>;
  readonly onProgress: OnProgress;
}

/** A verb: its command line, and what it does. It may return an exit code; 0 otherwise. */
export interface Verb {
  readonly command: Command;
  run(context: Context, flags: Record<string, unknown>, args: readonly string[]): Promise<number | undefined>;
}

/** A command with the options that every verb has. */
export function verbCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .showHelpAfterError(`What now: "convoke ${name} --help" shows what is known.`)
    .option('-c, --config <file>', 'what is wanted', 'convoke.yaml')
    .addOption(new Option('--cloud <cloud>', 'where to act').choices(['aws', 'rehearsal']).default('aws'))
    .option('--json', 'one JSON object on standard output, and nothing else there', false)
    .option('--verbose', 'a line for everything that happens on the way', false)
    .option('--no-color', 'no colours, as NO_COLOR=1');
}

export function makeContext(options: CommonOptions, signal: AbortSignal, output: Output): Context {
  let loaded: Deployment | undefined;
  const load = () => {
    loaded ??= loadDeployment(options.config, (warning) =>
      output.say(`${output.paint.yellow('!')} ${warning}`),
    );
    return loaded;
  };
  return {
    options,
    output,
    signal,
    deployment: load,
    async inAccount(start, known) {
      const deployment = known ?? load();
      if (options.cloud === 'aws') {
        const { awsAccount } = await import('../cloud/aws-account.js');
        return { deployment, account: await awsAccount(deployment.region) };
      }
      const { inRehearsal } = await import('../rehearsal/account.js');
      return inRehearsal(deployment, {
        start: start === 'start',
        onProgress: (event) => output.progress(event),
        signal,
      });
    },
    onProgress: (event) => output.progress(event),
  };
}
