import { readFileSync } from 'node:fs';
import {
  bosh,
  EDGE,
  enter,
  fromAddress,
  holdRoom,
  requestConference,
  type Visit,
  websocket,
} from './participant.js';

/** Runs on the shard: tries each token on the page, WebSocket, BOSH and conference requests, and prints the results. */
interface Plan {
  readonly domain: string;
  readonly room: string;
  readonly tokens: Record<string, string | null>;
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as Plan;
const { domain, room } = plan;

async function page(token: string | null): Promise<number> {
  const query = token === null ? '' : `?jwt=${token}`;
  const response = await fetch(`${EDGE}/${room}${query}`, { headers: fromAddress('198.51.100.7') });
  return response.status;
}

async function conference(visit: Visit): Promise<number> {
  const { status, text } = await requestConference(visit);
  return status === 200 && !text.includes('"ready":true') ? 0 : status;
}

/** Requests to the focus without nginx in between, by logged-in participants. */
async function conferenceInXmpp(visit: Visit): Promise<string> {
  const stream = await websocket(visit);
  await enter(stream, visit);
  await stream.send(
    `<iq xmlns='jabber:client' type='set' id='conf' to='focus.${domain}'><conference xmlns='http://jitsi.org/protocol/focus' room='other@conference.${domain}'/></iq>`,
  );
  const answer = await stream.until(/id=['"]conf['"]/);
  stream.close();
  return /<forbidden/.test(answer) ? 'forbidden' : answer;
}

const good: Visit = { domain, room, token: plan.tokens.good ?? '' };
await holdRoom(good);
const answers: Record<string, unknown> = {};
for (const [name, token] of Object.entries(plan.tokens)) {
  const visit = { domain, room, token };
  const ways: Record<string, unknown> = { page: await page(token), conference: await conference(visit) };
  for (const [way, open] of Object.entries({ bosh, websocket })) {
    const stream = await open(visit);
    ways[way] = await enter(stream, visit);
    stream.close();
  }
  answers[name] = ways;
}
answers.conferenceOfAnotherRoom = await conference({ ...good, room: 'other' });
answers.conferenceInXmpp = await conferenceInXmpp(good);
process.stdout.write(`\nANSWERS ${JSON.stringify(answers)}\n`);
process.exit(0);
