import { password } from '@inquirer/prompts';
import { Argument } from 'commander';
import { redirectAddress } from '../contract/login.js';
import { assertSignsIn, secretFrom, setLoginSecret } from '../operations/login.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand(
    'login',
    'Stores the client’s secret at the provider where hosts sign in, if access is for hosts. It is read from standard input: a terminal asks for it.',
  ).addArgument(new Argument('<what>', 'what to do').choices(['set-secret'])),
  async run({ deployment: load, inAccount, output, signal }) {
    // Before the secret is asked for.
    assertSignsIn(load());
    const secret = secretFrom(
      process.stdin.isTTY
        ? await password({ message: 'The client’s secret' }, { signal, output: process.stderr })
        : await readAll(process.stdin),
    );
    const { deployment, account } = await inAccount();
    await setLoginSecret(account, deployment, secret);
    const redirect = redirectAddress(deployment.domain);
    output.result(
      { deployment: deployment.name, redirect },
      `${output.paint.green('✓')} Stored. Shards use it within five minutes. The redirect address to register at ${deployment.login?.issuer}: ${redirect}`,
    );
    return 0;
  },
};

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const part of stream.setEncoding('utf8')) text += String(part);
  return text;
}
