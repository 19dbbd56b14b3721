import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { DOMAIN, Participant, send } from './participant.js';

/** Runs on the shard: a school behind one address joins, and so do participants from other networks. */
interface Plan {
  readonly pupils: number;
  readonly rooms: number;
  /** Seconds over which the pupils' arrivals are spread. */
  readonly seconds: number;
}

export interface School {
  /** Pupils who have TURN credentials and received a message in their room. */
  readonly heard: number;
  /** Errors of failed attempts, and their numbers. A pupil who could not join loads the page again. */
  readonly failures: Readonly<Record<string, number>>;
  /** Milliseconds until all pupils had joined. */
  readonly took: number;
  /** Milliseconds that each participant from another network needed to join meanwhile. Null: could not join. */
  readonly others: readonly (number | null)[];
}

const SCHOOL = '198.51.100.7';
/** Milliseconds for each step of joining, before a page is loaded again, and for everything. */
const PATIENCE = 20_000;
const RELOAD = 2_000;
const LIMIT = 90_000;

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const failures: Record<string, number> = {};
const began = performance.now();

async function join(room: string): Promise<Participant> {
  const config = await send(SCHOOL, `/config.js?room=${room}`, undefined, PATIENCE);
  if (config.status !== 200) throw new Error(`config.js was answered with ${config.status}`);
  const participant = await Participant.join(SCHOOL, room, { patience: PATIENCE });
  participant.send(
    `<iq xmlns='jabber:client' id='turn' type='get' to='${DOMAIN}'><services xmlns='urn:xmpp:extdisco:2'/></iq>`,
  );
  await participant.until(/<service\s[^>]*username=/);
  return participant;
}

async function attend(pupil: number): Promise<Participant | undefined> {
  await wait((pupil / plan.pupils) * plan.seconds * 1_000);
  while (performance.now() - began < LIMIT) {
    try {
      return await join(`lesson${pupil % plan.rooms}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      failures[why] = (failures[why] ?? 0) + 1;
      await wait(RELOAD);
    }
  }
  return undefined;
}

/** Participants from other networks join one after the other until the whole school is in. */
async function others(isOver: () => boolean): Promise<(number | null)[]> {
  const times: (number | null)[] = [];
  while (!isOver()) {
    const came = performance.now();
    const joining = Participant.join(`203.0.113.${1 + times.length}`, 'elsewhere', { patience: PATIENCE });
    const participant = await joining.catch(() => undefined);
    times.push(participant ? Math.round(performance.now() - came) : null);
    participant?.leave();
    await wait(500);
  }
  return times;
}

let over = false;
const elsewhere = others(() => over);
const school = await Promise.all(Array.from({ length: plan.pupils }, (_, pupil) => attend(pupil)));
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
