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

/** What every verb receives. A verb parses its own flags, calls an operation, and prints the result with `output`. */
export interface Context {
  readonly options: CommonOptions;
  readonly output: Output;
  /** Aborted by the first Ctrl-C; the second one ends the process immediately. */
  readonly signal: AbortSignal;
  /** The file that `--config` names. */
  deployment(): Deployment;
  /**
   * The deployment and its account: AWS's, or the rehearsal's. With `start`, the rehearsal's cloud is started if it
   * is not running. `known`: the deployment, if it does not come from the file.
   */
  inAccount(start?: 'start', known?: Deployment): Promise<{ deployment: Deployment; account: Account }>;
  readonly onProgress: OnProgress;
}

/** A verb: its command line and its implementation. `run` may return an exit code; the default is 0. */
export interface Verb {
  readonly command: Command;
  run(context: Context, flags: Record<string, unknown>, args: readonly string[]): Promise<number | undefined>;
}

/** A command with the common options. */
export function verbCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .showHelpAfterError(`Run "convoke ${name} --help" for the available options.`)
    .option('-c, --config <file>', 'the deployment’s settings', 'convoke.yaml')
    .addOption(new Option('--cloud <cloud>', 'the cloud to use').choices(['aws', 'rehearsal']).default('aws'))
    .option('--json', 'print the result as one JSON object on standard output', false)
    .option('--verbose', 'print a line for each event', false)
    .option('--no-color', 'disable colours, like NO_COLOR=1');
}

export function makeContext(options: CommonOptions, signal: AbortSignal, output: Output): Context {
  let loaded: Deployment | undefined;
  const load = () => {
    loaded ??= loadDeployment(options.config, (warning) =>
      output.note(`${output.paint.yellow('!')} ${warning}`),
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
