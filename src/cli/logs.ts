import pc from 'picocolors';
import type { Colors } from 'picocolors/types.js';
import { printable } from '../config/sentences.js';
import { logs, type MachineLine, pattern, timeOf } from '../operations/logs.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand('logs', 'Shows lines of all machines and daemons, also of machines that are gone.')
    .argument('[node]', 'a shard, such as "a", "bridge" for all bridges, or the id of an instance')
    .option('-f, --follow', 'go on with new lines, until Ctrl-C', false)
    .option('--since <time>', 'from when on: 30m, 2h, 1d, or 2026-12-02T10:00Z', '1h')
    .option('--grep <pattern>', 'only lines that match this regular expression')
    .addHelpText('after', '\nWith --json, each line is one JSON object.'),
  async run({ inAccount, output, signal }, flags, [node]) {
    const matching = flags.grep === undefined ? undefined : pattern(String(flags.grep));
    timeOf(String(flags.since), new Date());
    const { deployment, account } = await inAccount();
    const from = timeOf(String(flags.since), account.clock.now());
    const follow = flags.follow === true;
    const paint = pc.createColors(flags.color === true && !process.env.NO_COLOR && process.stdout.isTTY);
    for await (const lines of logs({ account, deployment, node, from, matching, follow, signal })) {
      for (const line of lines)
        process.stdout.write(`${output.json ? JSON.stringify(line) : drawn(line, paint)}\n`);
      // The reader of the pipe has ended.
      if (!process.stdout.writable) break;
    }
    return 0;
  },
};

/** A line on a terminal, or for a reader: `2026-12-02 10:57:11.104 shard-a i-0123 jicofo warning: text`. */
function drawn({ at, machine, instance, daemon, level, text }: MachineLine, paint: Colors): string {
  const colours: Partial<Record<MachineLine['level'], (text: string) => string>> = {
    emergency: paint.red,
    alert: paint.red,
    critical: paint.red,
    error: paint.red,
    warning: paint.yellow,
    debug: paint.dim,
  };
  const time = at.toISOString().slice(0, 23).replace('T', ' ');
  const colour = colours[level] ?? ((same: string) => same);
  const source = printable(`${machine} ${instance}`);
  return `${paint.dim(time)} ${paint.cyan(source)} ${paint.bold(printable(daemon))} ${colour(`${level}: ${printable(text)}`)}`;
}
