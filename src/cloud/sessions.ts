import { SSMClient, StartSessionCommand } from '@aws-sdk/client-ssm';
import { execa } from 'execa';
import { ConvokeError } from '../contract/errors.js';
import type { Account, ShellCommand } from './account.js';
import { client } from './clients.js';

/** AWS's program that connects a terminal to a session, for its own command line and others. */
const PLUGIN = 'session-manager-plugin';
const INSTALL_PLUGIN =
  'https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html';

/**
 * Starts a session on a machine with Session Manager. Returns the command that connects the terminal to it, with the same
 * arguments as AWS's command line passes (aws-cli, `awscli/customizations/sessionmanager.py`). Throws `PluginMissing`
 * or `NotConnected`.
 */
export async function startSession(account: Account, machine: string): Promise<ShellCommand> {
  const installed = await execa(PLUGIN, ['--version'], { reject: false, stdin: 'ignore' });
  if (installed.code === 'ENOENT') throw pluginMissing();
  const request = { Target: machine };
  const { SessionId, StreamUrl, TokenValue } = await client(account, SSMClient)
    .send(new StartSessionCommand(request))
    .catch((error: unknown) => {
      throw error instanceof Error && error.name === 'TargetNotConnected'
        ? notConnected(machine, error)
        : error;
    });
  const session = JSON.stringify({ SessionId, StreamUrl, TokenValue });
  const address = `https://ssm.${account.region}.amazonaws.com`;
  const profile = process.env.AWS_PROFILE ?? '';
  return {
    file: PLUGIN,
    args: [session, account.region, 'StartSession', profile, JSON.stringify(request), address],
  };
}

const pluginMissing = () =>
  new ConvokeError('PluginMissing', {
    what: `The program ${PLUGIN} is not installed on this computer.`,
    why: 'AWS connects a terminal to a session of Session Manager only with it.',
    now: `Install it: ${INSTALL_PLUGIN}`,
    fault: 'user',
  });

const notConnected = (machine: string, cause: Error) =>
  new ConvokeError('NotConnected', {
    what: `Session Manager has no connection to machine ${machine}.`,
    why: 'The agent of AWS Systems Manager does not run there: the machine started before "shell: on" was set, a minute ago, or its agent could not be installed.',
    now: 'See "convoke logs --grep shell", and try again in a minute. "convoke up" replaces machines that started with other settings.',
    cause,
  });
