import { readFileSync } from 'node:fs';
import { openRoom } from '../access/participant.js';
import { type Login, Participant, type Service } from './participant.js';
import { TurnClient } from './turn-client.js';

/** Runs on the shard, and prints the results. */
export interface Plan {
  /** TURN on the edge. */
  readonly edge: number;
  /** Participants who share a network or an invitation. */
  readonly crowd: Login;
  readonly crowdSize: number;
  /** Another participant. */
  readonly other: Login;
  readonly room: string;
}

export interface Answers {
  /** Number of participants of the crowd, with credentials of the same second, who have a relay at the same time. */
  readonly crowdServed: number;
  /** Number of relays that can be allocated with the credentials of the whole crowd. */
  readonly taken: number;
  /** Result of another participant's allocation meanwhile: 0, or the error code. */
  readonly other: number;
  /** Number of further relays after participants have logged out and in again, while the first relays stay. */
  readonly takenByReturning: number;
  /** Result of the crowd's next allocation once those connections are closed. */
  readonly afterwards: number;
  /** Result of an allocation with the credentials that a participant was told at login. */
  readonly announced: number;
  /** Names in the credentials of one session, by the way in which they were received. */
  readonly names: Readonly<Record<'announced' | 'asked' | 'entering' | 'askedAgain', string>>;
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;

const [timeOf, nameOf] = [0, 1].map(
  (part) => (service: Service | undefined) => (service?.username ?? '').split(':')[part] ?? '',
) as [(service?: Service) => string, (service?: Service) => string];

const many = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, make));

const credentials = async (participant: Participant): Promise<Service> => {
  const [service] = await participant.services();
  if (!service) throw new Error('Prosody announces no service.');
  return service;
};

/** Allocates one relay. Returns its connection, or the error code. */
async function take({ username = '', password = '' }: Service): Promise<TurnClient | number> {
  const client = await TurnClient.connect(plan.edge);
  const code = await client.allocate(username, password);
  if (code === 0) return client;
  client.close();
  return code;
}

/** Allocates relays until one is refused. */
async function takeAll(service: Service): Promise<TurnClient[]> {
  const clients: TurnClient[] = [];
  for (let got = await take(service); typeof got !== 'number'; got = await take(service)) clients.push(got);
  return clients;
}

const isRelay = (got: TurnClient | number): got is TurnClient => typeof got !== 'number';
const close = (clients: readonly TurnClient[]) => {
  for (const client of clients) client.close();
};

async function nextSecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_001 - (Date.now() % 1_000)));
}

/** Retries an allocation for 10 s, because coturn may still be closing connections. Returns 0, or the last error code. */
async function soon(service: Service): Promise<number> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const got = await take(service);
    if (isRelay(got)) {
      got.close();
      return 0;
    }
    if (Date.now() > deadline) return got;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const crowd = await many(plan.crowdSize, () => Participant.login(plan.crowd));

/** Credentials of the whole crowd, all from the same second. */
async function atOnce(): Promise<Service[]> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    await nextSecond();
    const services = await Promise.all(crowd.map(credentials));
    if (new Set(services.map(timeOf)).size === 1) return services;
  }
  throw new Error('Prosody did not give credentials to the whole crowd within one second.');
}

const given = await atOnce();
const served = (await Promise.all(given.map(take))).filter(isRelay);
close(served);

// Credentials of 11 different seconds: when coturn counted relays per expiry time, these were enough to allocate all of them.
const spread: Service[] = [];
for (const participant of crowd.slice(0, 11)) {
  await nextSecond();
  spread.push(await credentials(participant));
}
const rest = await Promise.all(crowd.slice(11).map(credentials));
const taken = (await Promise.all([...spread, ...rest].map(takeAll))).flat();
const stranger = await Participant.login(plan.other);
const others = await take(await credentials(stranger));

const returned: TurnClient[] = [];
for (const participant of crowd.slice(0, 11)) {
  await participant.leave();
  returned.push(...(await takeAll(await credentials(await Participant.login(plan.crowd)))));
}

close([...taken, ...returned]);
const visitor = await Participant.login(plan.other);
const asked = await credentials(visitor);
await openRoom({ domain: plan.other.domain, room: plan.room, token: plan.other.query?.token ?? null });
const [entering] = await visitor.enter(plan.room);
await nextSecond();
const askedAgain = await credentials(visitor);

const answers: Answers = {
  crowdServed: served.length,
  taken: taken.length,
  other: isRelay(others) ? 0 : others,
  takenByReturning: returned.length,
  afterwards: await soon(rest[0] ?? {}),
  names: {
    announced: nameOf(visitor.announced[0]),
    asked: nameOf(asked),
    entering: nameOf(entering),
    askedAgain: nameOf(askedAgain),
  },
  announced: await soon(visitor.announced[0] ?? {}),
};
process.stdout.write(`\nANSWERS ${JSON.stringify(answers)}\n`);
process.exit(0);
