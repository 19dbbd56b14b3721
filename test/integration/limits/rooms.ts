import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Participant } from './participant.js';

interface Plan {
  readonly rooms: number;
  /** The test waits until Lua's heap is at most this many KiB larger than before. */
  readonly kept: number;
}

/** Memory of Prosody before and after the rooms. */
export interface Memory {
  /** KiB of Lua's heap, without garbage: before, and at the end. */
  readonly before: number;
  readonly after: number;
  /** MiB of the process: before, and at the end. */
  readonly process: readonly [number, number];
}

/** Rooms that are open at the same time. */
const AT_ONCE = 8;
/** Sessions that have ended may stay in memory until their time for login is over. */
const SETTLED_MS = 60_000;

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const pid = readFileSync('/run/prosody/prosody.pid', 'utf8').trim();
const resident = () =>
  Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 102.4) / 10;

/** Collects garbage first. */
function heap(): number {
  const command = '> collectgarbage() collectgarbage() return "heap " .. collectgarbage("count")';
  const output = execFileSync('runuser', ['-u', 'prosody', '--', 'prosodyctl', 'shell', command], {
    encoding: 'utf8',
  });
  return Math.round(Number(/heap ([\d.]+)/.exec(output)?.[1]));
}

/** Enters a room, again if the shard is too busy to open it. */
async function joined(address: string, room: string): Promise<Participant> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await Participant.join(address, room, { patience: 60_000 });
    } catch (error) {
      if (attempt === 20) throw error;
      await wait(500);
    }
  }
}

let opened = 0;
async function visit(): Promise<void> {
  const number = opened++;
  // A network opens two rooms a second at most.
  const address = `198.51.${100 + (number % 100)}.${1 + (Math.floor(number / 100) % 250)}`;
  const one = await joined(address, `room-${number}`);
  one.say('hello');
  await one.until(/hello/);
  one.send("<presence xmlns='jabber:client' type='unavailable'/>");
  one.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
  one.leave();
}

const before = heap();
const first = resident();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (opened < plan.rooms) await visit();
  }),
);
const deadline = Date.now() + SETTLED_MS;
let after = heap();
while (after > before + plan.kept && Date.now() < deadline) {
  await wait(1_000);
  after = heap();
}
const memory: Memory = { before, after, process: [first, resident()] };
process.stdout.write(`\nANSWERS ${JSON.stringify(memory)}\n`);
process.exit(0);
