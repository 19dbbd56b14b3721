import { execa } from 'execa';
import { shell } from '../operations/shell.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand(
    'shell',
    'Opens a shell on a machine with Session Manager of AWS, if the configuration has "shell: on". No port is open for it. Exits with the exit code of the shell.',
  ).argument('<node>', 'a shard, such as "a", "bridge" if there is one, or the id of an instance'),
  async run({ inAccount }, _, [node = '']) {
    const { deployment, account } = await inAccount();
    const { file, args, env } = await shell(account, deployment, node);
    const { exitCode } = await execa(file, [...args], { env: env ?? {}, stdio: 'inherit', reject: false });
    return exitCode ?? 1;
  },
};
