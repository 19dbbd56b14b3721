import { readFileSync } from 'node:fs';
import {
  bosh,
  join,
  logIn,
  openRoom,
  roomAddress,
  type Stream,
  type Visit,
  websocket,
} from './participant.js';

/** Runs on the shard: what a moderator can do in meetings, for several spellings of the room in the address. */
interface Plan {
  readonly visits: Readonly<Record<string, Visit & { readonly way: 'bosh' | 'websocket' }>>;
}

/** What happens when a moderator creates a breakout room, and when they end the meeting for all. */
export interface Moderated {
  readonly breakout: boolean;
  readonly ended: boolean;
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;

const came = (stream: Stream, pattern: RegExp): Promise<boolean> =>
  stream.until(pattern).then(
    () => true,
    () => false,
  );

async function moderate(visit: Visit, way: 'bosh' | 'websocket'): Promise<Moderated> {
  const { domain } = visit;
  await openRoom(visit);
  const stream = await { bosh, websocket }[way](visit);
  const jid = (await logIn(stream)) ?? '';
  const own = await join(stream, roomAddress(visit), jid);
  if (!/role=['"]moderator['"]/.test(own.slice(own.lastIndexOf('<presence'))))
    await stream.until(/role=['"]moderator['"]/);
  await stream.send(
    `<message xmlns='jabber:client' to='breakout.${domain}'><breakout_rooms type='features/breakout-rooms/add' subject='one'/></message>`,
  );
  const breakout = await came(stream, /[0-9a-f-]{36}@breakout/);
  await stream.send(
    `<message xmlns='jabber:client' to='endconference.${domain}'><end_conference/></message>`,
  );
  const ended = await came(stream, /<destroy/);
  stream.close();
  return { breakout, ended };
}

const answers = await Promise.all(
  Object.entries(plan.visits).map(async ([name, visit]) => [name, await moderate(visit, visit.way)] as const),
);
process.stdout.write(`\nANSWERS ${JSON.stringify(Object.fromEntries(answers))}\n`);
process.exit(0);
