import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { DOMAIN, Participant, send } from './participant.js';

/** Runs on the shard: a school behind one address joins, and others with addresses of their own do too. */
interface Plan {
  readonly pupils: number;
  readonly rooms: number;
  /** Seconds in which they all come. */
  readonly seconds: number;
}

export interface School {
  /** Pupils who are in their lesson and heard what was said there, with TURN credentials. */
  readonly heard: number;
  /** Why others are not, and how many. */
  readonly failures: Readonly<Record<string, number>>;
  /** Milliseconds until the last was in. */
  readonly took: number;
  /** Milliseconds that each of those with other addresses needed to join meanwhile. Null: did not get in. */
  readonly others: readonly (number | null)[];
}

const SCHOOL = '198.51.100.7';
/** Milliseconds for each step of joining. */
const PATIENCE = 30_000;

// Participants have machines of their own: what they do must not slow down the shard.
setPriority(15);
const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const failures: Record<string, number> = {};
const began = performance.now();

async function join(pupil: number): Promise<Participant | undefined> {
  const room = `lesson${pupil % plan.rooms}`;
  await wait((pupil / plan.pupils) * plan.seconds * 1_000);
  try {
    const config = await send(SCHOOL, `/config.js?room=${room}`, undefined, PATIENCE);
    if (config.status !== 200) throw new Error(`config.js was answered with ${config.status}`);
    const participant = await Participant.join(SCHOOL, room, PATIENCE);
    participant.send(
      `<iq xmlns='jabber:client' id='turn' type='get' to='${DOMAIN}'><services xmlns='urn:xmpp:extdisco:2'/></iq>`,
    );
    await participant.until(/<service\s[^>]*username=/);
    return participant;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    failures[why] = (failures[why] ?? 0) + 1;
    return undefined;
  }
}

/** People elsewhere, one after the other, until the whole school is in. */
async function others(isOver: () => boolean): Promise<(number | null)[]> {
  const times: (number | null)[] = [];
  while (!isOver()) {
    const came = performance.now();
    const joining = Participant.join(`203.0.113.${1 + times.length}`, 'elsewhere', PATIENCE);
    const participant = await joining.catch(() => undefined);
    times.push(participant ? Math.round(performance.now() - came) : null);
    participant?.leave();
    await wait(500);
  }
  return times;
}

let over = false;
const elsewhere = others(() => over);
const school = await Promise.all(Array.from({ length: plan.pupils }, (_, pupil) => join(pupil)));
const took = Math.round(performance.now() - began);
over = true;

const present = school.filter((pupil) => pupil !== undefined);
const hearing = present.map((pupil) =>
  pupil.until(/the lesson begins/).then(
    () => 1,
    () => 0,
  ),
);
for (let room = 0; room < plan.rooms; room++) {
  present.find((pupil) => pupil.room === `lesson${room}`)?.say('the lesson begins');
}
const heard = (await Promise.all(hearing)).reduce<number>((sum, one) => sum + one, 0);
const answers: School = { heard, failures, took, others: await elsewhere };
process.stdout.write(`\nANSWERS ${JSON.stringify(answers)}\n`);
process.exit(0);
