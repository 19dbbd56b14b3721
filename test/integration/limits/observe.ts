import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Participant } from './participant.js';

/** What innocent people notice while somebody attacks, and what it costs Prosody. */
export interface Observation {
  /** Whether both who were in a meeting before still are, by the connection that they had. */
  readonly stayed: boolean;
  /** Milliseconds that a word in the meeting took at most. */
  readonly word: number;
  /** Milliseconds until somebody with another address who came during the attack was in the meeting. Null: not in 20 s. */
  readonly newcomer: number | null;
  /** MiB that Prosody had at most. */
  readonly peak: number;
  /** Part of the time that Prosody's thread was busy. */
  readonly busy: number;
}

const [prosody = ''] = process.argv.slice(2);
const { attacks, seconds } = JSON.parse(readFileSync(0, 'utf8')) as { attacks: string[]; seconds: number };

const status = (field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${prosody}/status`, 'utf8'))?.[1]) /
  1024;
/** Seconds of processor time. */
const cpu = (): number => {
  const fields = readFileSync(`/proc/${prosody}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
};
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The first thing that works, of what is tried for a minute. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(200);
    }
  }
}

let counter = 0;
let rooms = 0;
async function word(speaker: Participant, listener: Participant): Promise<number> {
  const text = `word${counter++}.`;
  const began = performance.now();
  speaker.say(text);
  await listener.until(new RegExp(text.replace('.', '[.]')));
  return performance.now() - began;
}

async function observe(name: string): Promise<Observation> {
  // Of its own, because the focus leaves a room with the last who was in it.
  const room = `meeting${rooms++}`;
  const one = await eventually(() => Participant.join('198.51.100.7', room));
  const other = await eventually(() => Participant.join('203.0.113.8', room));
  writeFileSync(`/proc/${prosody}/clear_refs`, '5');
  const attacker = spawn('node', ['/opt/test/attacks.mjs', name], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(attacker.stdout, 'data');
  await pause(500);
  const [began, spent] = [performance.now(), cpu()];
  const came = Participant.join('203.0.113.99', room).then(
    (newcomer) => {
      newcomer.leave();
      return performance.now() - began;
    },
    () => null,
  );
  let longest = 0;
  let stayed = true;
  while (performance.now() - began < seconds * 1_000) {
    try {
      longest = Math.max(longest, await word(one, other));
    } catch {
      stayed = false;
      break;
    }
    await pause(50);
  }
  const newcomer = await came;
  const busy = ((cpu() - spent) * 1_000) / (performance.now() - began);
  attacker.kill('SIGKILL');
  const peak = status('VmHWM');
  stayed &&= !one.closed && !other.closed;
  one.leave();
  other.leave();
  const round = (value: number) => Math.round(value);
  return {
    stayed,
    word: round(longest),
    newcomer: newcomer && round(newcomer),
    peak: round(peak),
    busy: Math.round(busy * 100) / 100,
  };
}

for (const name of attacks) {
  console.log(`OBSERVED ${JSON.stringify([name, await observe(name)])}`);
}
process.exit(0);
