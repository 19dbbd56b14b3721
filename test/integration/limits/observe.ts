import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Participant } from './participant.js';

/** Effects of an attack on participants and on Prosody. */
export interface Observation {
  /** Whether both participants of a running meeting stayed in it, over the same connection. */
  readonly stayed: boolean;
  /** Messages that arrived in the meeting, and the milliseconds of the slowest. */
  readonly messages: number;
  readonly slowest: number;
  /**
   * Milliseconds that participants from other networks needed to join the meeting during the attack. Null: a step of joining
   * took more than 6 s.
   */
  readonly newcomers: readonly (number | null)[];
  /** Peak memory of Prosody in MiB. */
  readonly peak: number;
  /** Fraction of the time that Prosody's thread was busy. */
  readonly busy: number;
}

interface Plan {
  readonly attacks: readonly string[];
  /** How long each attack is observed. */
  readonly seconds: number;
  /** How many join the meeting during each attack, one after the other. */
  readonly newcomers: number;
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const prosody = readFileSync('/run/prosody/prosody.pid', 'utf8').trim();

const status = (field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${prosody}/status`, 'utf8'))?.[1]) /
  1024;
/** Seconds of processor time. */
const cpu = (): number => {
  const fields = readFileSync(`/proc/${prosody}/stat`, 'utf8').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
};
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Retries for a minute. */
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
async function messageTime(speaker: Participant, listener: Participant): Promise<number> {
  const text = `word${counter++}.`;
  const began = performance.now();
  speaker.say(text);
  await listener.until(new RegExp(text.replace('.', '[.]')));
  return performance.now() - began;
}

/** Joins from another network each time, and leaves. Null if that fails. */
async function joinAndLeave(room: string): Promise<number | null> {
  const began = performance.now();
  try {
    (await Participant.join(`203.0.113.${20 + (counter++ % 200)}`, room)).leave();
    return Math.round(performance.now() - began);
  } catch {
    return null;
  }
}

async function observe(name: string): Promise<Observation> {
  // A new room, because the focus leaves a room with its last participant.
  const room = `meeting${rooms++}`;
  const one = await eventually(() => Participant.join('198.51.100.7', room));
  const other = await eventually(() => Participant.join('203.0.113.8', room));
  writeFileSync(`/proc/${prosody}/clear_refs`, '5');
  // Real attackers have their own machines: the cost of sending must not slow down the shard.
  const command = ['-n', '15', 'node', '/opt/test/attacks.mjs', name];
  const attacker = spawn('nice', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(attacker.stdout, 'data', { signal: AbortSignal.timeout(60_000) });
  await pause(500);
  const [began, spent] = [performance.now(), cpu()];
  const newcomers = Promise.all(
    Array.from({ length: plan.newcomers }, async (_, n) => {
      await pause((n / plan.newcomers) * plan.seconds * 1_000);
      return joinAndLeave(room);
    }),
  );
  let [messages, slowest] = [0, 0];
  let stayed = true;
  while (stayed && performance.now() - began < plan.seconds * 1_000) {
    try {
      slowest = Math.max(slowest, await messageTime(one, other));
      messages++;
    } catch {
      stayed = false;
    }
    await pause(50);
  }
  const came = await newcomers;
  const busy = ((cpu() - spent) * 1_000) / (performance.now() - began);
  attacker.kill('SIGKILL');
  const peak = status('VmHWM');
  stayed &&= !one.closed && !other.closed;
  one.leave();
  other.leave();
  return {
    stayed,
    messages,
    slowest: Math.round(slowest),
    newcomers: came,
    peak: Math.round(peak),
    busy: Math.round(busy * 100) / 100,
  };
}

for (const name of plan.attacks) {
  console.log(`OBSERVED ${JSON.stringify([name, await observe(name)])}`);
}
process.exit(0);
