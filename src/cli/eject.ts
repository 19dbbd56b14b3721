import { eject } from '../operations/eject/eject.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand(
    'eject',
    'Writes the CloudFormation templates and a CDK app that work without convoke.',
  ).option('--to <folder>', 'target folder; it must be empty or not exist yet', 'ejected'),
  async run({ deployment, output }, flags) {
    const ejected = await eject(deployment(), String(flags.to));
    output.result(
      ejected,
      `${output.paint.green('✓')} Wrote ${ejected.files.length} files to ${ejected.folder}. README.md there explains how to take over the running deployment, and how to deploy it without convoke.`,
    );
    return 0;
  },
};
