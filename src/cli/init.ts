import { existsSync, writeFileSync } from 'node:fs';
import { input } from '@inquirer/prompts';
import { Option } from 'commander';
import { stringify } from 'yaml';
import { mailAddressComplaint } from '../config/alert-addresses.js';
import { hostNameComplaint } from '../config/host-name.js';
import { parseDeployment } from '../config/load.js';
import { regionComplaint } from '../config/spelling.js';
import { ConvokeError } from '../contract/errors.js';
import { type Verb, verbCommand } from './verb.js';

/** Settings without a default. The user is asked for each one that is not given by a flag. */
const QUESTIONS = [
  {
    key: 'domain',
    ask: 'Host name of the meeting page (such as meet.example.org)',
    complaint: (text: string) => hostNameComplaint(text.trim().toLowerCase()),
  },
  { key: 'region', ask: 'AWS region (such as eu-central-1)', complaint: regionComplaint },
  {
    key: 'alerts',
    ask: 'Mail address for alerts',
    complaint: mailAddressComplaint,
  },
] as const;

export const verb: Verb = {
  command: verbCommand(
    'init',
    'Asks three questions and writes convoke.yaml. Each question can be answered by a flag instead.',
  )
    .option('--domain <name>', 'host name of the meeting page')
    .option('--region <region>', 'AWS region')
    .option('--alerts <address>', 'mail address for alerts')
    .option('--certificate <arn>', 'an existing ACM certificate; default: convoke requests one')
    .addOption(
      new Option('--dns <who>', 'who creates the DNS records: convoke in Route 53, or you').choices([
        'route53',
        'manual',
      ]),
    )
    .option('--force', 'replace an existing file', false),
  async run({ options, output, signal }, flags) {
    const path = options.config;
    if (existsSync(path) && !flags.force) {
      throw new ConvokeError('FileExists', {
        what: `${path} already exists.`,
        now: 'Edit it, name another with --config, or replace it with --force.',
        fault: 'user',
      });
    }
    const answers: Record<string, string> = {};
    for (const { key, ask, complaint } of QUESTIONS) {
      const given = flags[key];
      answers[key] = (typeof given === 'string' ? given : await question(key, ask, complaint, signal)).trim();
    }
    if (typeof flags.certificate === 'string') answers.certificate = flags.certificate;
    if (typeof flags.dns === 'string') answers.dns = flags.dns;
    const text = `# "convoke preview" shows what this creates. All settings: docs/guide.md.\n${stringify(answers)}`;
    const deployment = parseDeployment(text, path);
    write(path, text);
    output.result(
      { file: path, deployment },
      `${output.paint.green('✓')} Wrote ${path}. "convoke preview" shows what it would create, "convoke up" creates it.`,
    );
    return 0;
  },
};

async function question(
  key: string,
  message: string,
  complaint: (text: string) => string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new ConvokeError('NotAnswered', {
      what: `${key} is missing, and there is no terminal to ask for it.`,
      now: `Give it with --${key}.`,
      fault: 'user',
    });
  }
  const validate = (text: string) => {
    const wrong = complaint(text.trim());
    return wrong ? `"${text.trim()}" ${wrong}.` : true;
  };
  return input({ message, validate, required: true }, { signal, output: process.stderr });
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new ConvokeError('FileNotWritten', {
      what: `${path} could not be written: ${(error as Error).message}.`,
      now: 'Use --config to choose a path that can be written.',
      fault: 'user',
      cause: error,
    });
  }
}
