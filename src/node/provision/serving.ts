import waitFor from 'p-wait-for';
import { z } from 'zod';
import { ConvokeError } from '../../contract/errors.js';
import { EDGE_HEALTH_PATH, WEB_HEALTH_PATH } from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import type { Facts } from '../facts.js';
import type { Log } from './console.js';

/** Waits until a machine that was started is of use. */
export async function waitUntilServing({ spec, members }: Facts, say: Log): Promise<void> {
  if (spec.role === 'shard') return untilEdgeServes();
  await untilBridgeIsHealthy();
  if (members.some(({ role }) => role === 'shard')) await untilLetIn(say);
}

/**
 * The load balancer asks the edge. That is well while any shard has a web server, so this machine's own is asked too: what
 * was provisioned here is of no use before.
 */
async function untilEdgeServes(): Promise<void> {
  const asked = [`:${PORTS.edge}${EDGE_HEALTH_PATH}`, `:${PORTS.web}${WEB_HEALTH_PATH}`];
  const serves = async () => {
    const answers = await Promise.all(asked.map((path) => ask(`http://127.0.0.1${path}`)));
    return answers.every((answer) => answer?.ok === true);
  };
  await waitFor(serves, { interval: 250, timeout: 60_000 }).catch((cause: unknown) => {
    throw new ConvokeError('EdgeNotServing', {
      what: 'The daemons were started, but edge and web server did not get healthy within 60 s.',
      why: 'HAProxy calls itself healthy once a web server answers, which should be the nginx on board.',
      now: 'Read "journalctl -u haproxy -u nginx" on the machine.',
      cause,
    });
  });
}

const bridge = `http://127.0.0.1:${PORTS.bridgeRest}`;

async function untilBridgeIsHealthy(): Promise<void> {
  const healthy = async () => (await ask(`${bridge}/about/health`))?.ok === true;
  await waitFor(healthy, { interval: 250, timeout: 60_000 }).catch((cause: unknown) => {
    throw new ConvokeError('BridgeNotHealthy', {
      what: 'The daemons were started, but Videobridge did not get healthy within 60 s.',
      why: 'It calls itself healthy once it has an address that participants can reach.',
      now: 'Read "journalctl -u jitsi-videobridge2" on the machine.',
      cause,
    });
  });
}

const Joined = z.object({ mucs_joined: z.number() });

/** A shard that is being provisioned itself may need longer; then nothing is wrong here, and the agent goes on trying. */
async function untilLetIn(say: Log): Promise<void> {
  const letIn = async (): Promise<boolean> => {
    const answer = await ask(`${bridge}/colibri/stats`);
    const metrics = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
    return (Joined.safeParse(metrics).data?.mucs_joined ?? 0) > 0;
  };
  await waitFor(letIn, { interval: 250, timeout: 60_000 }).catch(() =>
    say('no shard has let this bridge in within 60 s; the agent goes on trying'),
  );
}

function ask(url: string): Promise<Response | undefined> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
}
