import type { Account } from '../cloud/account.js';
import { isAnswer } from '../cloud/clients.js';
import type { Deployment } from '../config/deployment.js';
import { printable } from '../config/sentences.js';
import { LEVELS, WARNING } from '../contract/log-lines.js';
import { type LogsOptions, logs, type MachineLine } from './logs.js';

/** Lines that an error quotes of each machine. */
const QUOTED = 6;

/** Longest line that is quoted. */
const MOST_CHARACTERS = 300;

/** What to do about machines that do not serve, and their last lines if the log group has any. */
export interface LastLines {
  /** A line each, with time and daemon. */
  readonly lines: readonly string[];
  readonly now: string;
}

/** The last lines of machines that may say why they do not serve. A failure to read them is not one of the caller. */
export async function lastLines(
  account: Account,
  deployment: Pick<Deployment, 'name' | 'region'>,
  nodes: readonly Pick<LogsOptions, 'node' | 'from'>[],
): Promise<LastLines> {
  const found = await Promise.all(nodes.map((each) => linesOf({ account, deployment, ...each })));
  const lines = found.flatMap(telling);
  const [first] = nodes;
  return lines.length > 0
    ? { lines: lines.map(quoted), now: `Run "convoke logs ${first?.node}" to see more lines.` }
    : {
        lines: [],
        now: 'Read the machine’s system log in the EC2 console: its last lines show where provisioning stopped.',
      };
}

async function linesOf(options: LogsOptions): Promise<MachineLine[]> {
  const lines: MachineLine[] = [];
  try {
    for await (const page of logs(options)) lines.push(...page);
  } catch (error) {
    // Such as missing rights, or a machine that has written nothing.
    const { name } = error as Error;
    if (!isAnswer(error) && !['NoSuchNode', 'NoLogs'].includes(name)) throw error;
  }
  return lines;
}

/** The last lines of provisioning, and the last warnings, in order of time. */
export function telling(lines: readonly MachineLine[]): MachineLine[] {
  const warnings = lines.filter(({ level }) => LEVELS.indexOf(level) <= WARNING).slice(-QUOTED / 2);
  const provisioning = lines.filter(({ daemon }) => daemon === 'provisioning').slice(-QUOTED / 2);
  return [...new Set([...provisioning, ...warnings])].sort((a, b) => a.at.getTime() - b.at.getTime());
}

const quoted = ({ at, machine, daemon, text }: MachineLine): string =>
  printable(`${at.toISOString().slice(11, 19)} ${machine} ${daemon}: ${text}`).slice(0, MOST_CHARACTERS);
