import { eject } from '../operations/eject/eject.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand(
    'eject',
    'Writes the CloudFormation templates and a CDK app that can be owned without convoke.',
  ).option('--to <folder>', 'where to; it must be empty or not there yet', 'ejected'),
  async run({ deployment, output }, flags) {
    const ejected = await eject(deployment(), String(flags.to));
    output.answer(
      ejected,
      `${output.paint.green('✓')} ${ejected.files.length} files are in ${ejected.folder}. Its README.md says how to take over what runs, and how to deploy it without convoke.`,
    );
    return 0;
  },
};
