import waitFor from 'p-wait-for';
import { z } from 'zod';
import { ConvokeError } from '../../contract/errors.js';
import { EDGE_HEALTH_PATH, SHARD_HEALTH_PATH, WEB_HEALTH_PATH } from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import type { Facts } from '../facts.js';
import type { Log } from './log.js';

/** Waits until a started machine serves. */
export async function waitUntilServing({ spec, members }: Facts, log: Log): Promise<void> {
  if (spec.role === 'shard') return untilShardServes();
  if (spec.role === 'recorder') return untilRecorderAnswers();
  await untilBridgeIsHealthy();
  if (members.some(({ role }) => role === 'shard')) await untilLoggedIn(log);
}

/**
 * Edge, web server, Prosody and Jicofo of this machine. The edge alone is healthy while any shard has a web server.
 */
async function untilShardServes(): Promise<void> {
  await untilEdgeServes();
  const url = `http://127.0.0.1:${PORTS.web}${SHARD_HEALTH_PATH}`;
  await waitFor(async () => (await ask(url))?.ok === true, { interval: 250, timeout: 120_000 }).catch(
    (cause: unknown) => {
      throw new ConvokeError('ShardNotServing', {
        what: 'The daemons were started, but Prosody and Jicofo did not both answer within 120 s.',
        why: 'A shard holds meetings only while both answer.',
        now: 'Read "journalctl -u prosody -u jicofo" on the machine.',
        cause,
      });
    },
  );
}

async function untilEdgeServes(): Promise<void> {
  const urls = [`:${PORTS.edge}${EDGE_HEALTH_PATH}`, `:${PORTS.web}${WEB_HEALTH_PATH}`];
  const serves = async () => {
    const answers = await Promise.all(urls.map((path) => ask(`http://127.0.0.1${path}`)));
    return answers.every((answer) => answer?.ok === true);
  };
  await waitFor(serves, { interval: 250, timeout: 60_000 }).catch((cause: unknown) => {
    throw new ConvokeError('EdgeNotServing', {
      what: 'The daemons were started, but edge and web server did not become healthy within 60 s.',
      why: 'HAProxy is healthy once a web server answers, which should be the local nginx.',
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
      what: 'The daemons were started, but Videobridge did not become healthy within 60 s.',
      why: 'Videobridge is healthy once it has an address that participants can reach.',
      now: 'Read "journalctl -u jitsi-videobridge2" on the machine.',
      cause,
    });
  });
}

async function untilRecorderAnswers(): Promise<void> {
  const url = `http://127.0.0.1:${PORTS.recorderRest}/jibri/api/v1.0/health`;
  await waitFor(async () => (await ask(url))?.ok === true, { interval: 250, timeout: 60_000 }).catch(
    (cause: unknown) => {
      throw new ConvokeError('RecorderNotServing', {
        what: 'The daemons were started, but Jibri did not answer within 60 s.',
        why: 'Jibri needs a display and a window manager, and answers once it runs.',
        now: 'Read "journalctl -u jibri -u jibri-xorg -u jibri-icewm" on the machine.',
        cause,
      });
    },
  );
}

const Joined = z.object({ mucs_joined: z.number() });

/** A shard that is still being provisioned may take longer; the agent keeps trying. */
async function untilLoggedIn(log: Log): Promise<void> {
  const loggedIn = async (): Promise<boolean> => {
    const answer = await ask(`${bridge}/colibri/stats`);
    const metrics = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
    return (Joined.safeParse(metrics).data?.mucs_joined ?? 0) > 0;
  };
  await waitFor(loggedIn, { interval: 250, timeout: 60_000 }).catch(() =>
    log('this bridge could not log in at any shard within 60 s; the agent keeps trying'),
  );
}

function ask(url: string): Promise<Response | undefined> {
  return fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
}
