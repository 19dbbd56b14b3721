import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { PageRequests } from '../../src/operations/probe/page-requests.js';
import { Participant } from '../../src/operations/probe/xmpp-participant.js';
import { Meeting, type Met } from './task.js';

/**
 * A process of participants who do not attack: two meet and stay, others join now and then and leave again. It answers each
 * line on its standard input with a line of JSON.
 */

const PATIENCE = 30_000;

const { target, newcomerEverySeconds } = Meeting.parse(JSON.parse(process.argv[2] ?? ''));
const { domain, room, token, balancer } = target;
let met: Met = { joins: [], failures: [], lost: 0 };

/** Joins as the web client does: configuration, focus, connection, room. */
async function enter(): Promise<Participant> {
  const entry = new PageRequests(domain, balancer, { room, token });
  try {
    const { config } = await entry.config(AbortSignal.timeout(PATIENCE));
    await entry.conference(config, AbortSignal.timeout(PATIENCE));
    const participant = new Participant({
      domain,
      room,
      token,
      websocket: config.websocket,
      muc: config.hosts.muc,
      endpointOverride: balancer,
    });
    await participant.connect(PATIENCE);
    await participant.join(PATIENCE);
    return participant;
  } finally {
    await entry.close();
  }
}

async function stay(): Promise<void> {
  const participant = await enter();
  participant.events.once('lost', () => {
    met.lost++;
    stay().catch((error: unknown) => met.failures.push(`did not come back: ${String(error)}`));
  });
}

async function newcomers(): Promise<never> {
  for (;;) {
    const from = performance.now();
    try {
      const participant = await enter();
      met.joins.push(performance.now() - from);
      await participant.leave();
    } catch (error) {
      met.failures.push(String(error));
    }
    await wait(newcomerEverySeconds * 1_000);
  }
}

await stay();
await stay();
process.stdout.write('"ready"\n');
newcomers().catch(() => process.exit(1));
for await (const _ of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(met)}\n`);
  met = { joins: [], failures: [], lost: 0 };
}
process.exit(0);
