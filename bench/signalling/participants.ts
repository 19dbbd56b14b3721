import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { PORTS } from '../../src/contract/ports.js';
import { PageRequests } from '../../src/operations/probe/page-requests.js';
import { Participant } from '../../src/operations/probe/xmpp-participant.js';
import { type Answer, Task } from './task.js';

/**
 * A process with many participants: each enters a room as the web client does, and stays. It prints the result as one line of
 * JSON, and all participants leave when its standard input is closed.
 */

const PATIENCE = 60_000;

async function main({ domain, rooms, participants, lanes, balancer }: Task): Promise<void> {
  const inside: Participant[] = [];
  const joins: number[] = [];
  const failures: string[] = [];
  const before = process.cpuUsage();
  const waiting = [...rooms];

  const newParticipant = (room: string) =>
    new Participant({
      domain,
      room,
      websocket: `wss://${domain}/xmpp-websocket`,
      muc: `conference.${domain}`,
      ...(balancer
        ? { endpointOverride: balancer }
        : { dial: () => connect(PORTS.prosodyHttp, '127.0.0.1') }),
    });

  const fill = async (room: string) => {
    await open(domain, room, balancer);
    for (let n = 0; n < participants; n++) {
      const participant = newParticipant(room);
      inside.push(participant);
      const from = performance.now();
      await participant.connect(PATIENCE);
      await participant.join(PATIENCE);
      joins.push(performance.now() - from);
    }
  };
  const lane = async () => {
    for (let room = waiting.shift(); room !== undefined; room = waiting.shift()) {
      await fill(room).catch((error: unknown) => failures.push(String(error)));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));

  const { user, system } = process.cpuUsage(before);
  const answer: Answer = {
    joins,
    failures,
    cpu: (user + system) / 1_000,
    memory: process.memoryUsage().rss,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  for await (const _ of process.stdin);
  await Promise.all(inside.map((participant) => participant.leave()));
  process.exit(0);
}

/** Requests the conference of a room, as the page does: only the focus may create rooms. */
async function open(domain: string, room: string, balancer: Task['balancer']): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE);
  if (balancer) {
    const entry = new PageRequests(domain, balancer, { room });
    await entry.get(`/conference-request/v1?room=${room}`, signal, request(domain, room));
    return entry.close();
  }
  const answer = await fetch(`http://127.0.0.1:${PORTS.jicofo}/conference-request/v1`, {
    signal,
    ...request(domain, room),
  });
  if (!answer.ok) throw new Error(`the focus answered ${answer.status}`);
  await answer.text();
}

const request = (domain: string, room: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ room: `${room}@conference.${domain}`, properties: {} }),
});

// An aborted login may still fail without a listener.
process.on('unhandledRejection', () => {});
main(Task.parse(JSON.parse(process.argv[2] ?? '{}'))).catch(async (error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  await wait(0);
  process.exit(1);
});
