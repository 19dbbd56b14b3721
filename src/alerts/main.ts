import { setTimeout as wait } from 'node:timers/promises';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type Alarm, AlertSettings, type Occurrence, SETTINGS_VARIABLE } from '../contract/alerts.js';
import { post, publish, webhooks } from './deliver.js';
import { occurrenceOf } from './event.js';
import { activities, isPlanned, waitUntilServing } from './facts.js';
import { mailsOf, matters, replay } from './incidents.js';
import { AlertLog, occurrencesIn } from './log.js';
import { adjustPage } from './open-page.js';
import { letter } from './texts.js';

const settings = AlertSettings.parse(JSON.parse(process.env[SETTINGS_VARIABLE] ?? '{}'));
const clients = {
  sns: new SNSClient({}),
  secrets: new SecretsManagerClient({}),
  groups: new AutoScalingClient({}),
  balancers: new ElasticLoadBalancingV2Client({}),
};
// Parameter Store accepts few writes a second, and the loss of a zone sends many events at once.
const log = new AlertLog(new SSMClient({ maxAttempts: 8 }), settings.log);

/** Alarms that planned work does not cause. */
const NEVER_PLANNED: readonly Alarm[] = [
  'bridges-full',
  'ice-failures',
  'loss',
  'jicofo-restarted',
  'recordings',
  'disk',
  'memory',
  'updates',
];

/**
 * What EventBridge invokes with each event of the deployment. An error makes Lambda invoke it twice more with the same
 * event, and then send the event itself to the topic.
 */
export async function handler(event: unknown): Promise<void> {
  await adjustPage(clients.balancers, settings, new Date());
  const what = occurrenceOf(event, settings);
  if (!what) return;
  if (what.kind === 'alarm' && what.raised && !NEVER_PLANNED.includes(what.alarm)) {
    // Planned work on a shard makes the same alarms, and needs no mail.
    if (isPlanned(await activities(clients.groups, settings.shards), new Date(what.at))) return;
  }
  await tell(what);
  if (what.kind === 'launched' && settings.shards.includes(what.group)) {
    await tellWhenServing(what);
    await adjustPage(clients.balancers, settings, new Date());
  }
}

async function tellWhenServing(what: Extract<Occurrence, { kind: 'launched' }>): Promise<void> {
  const clock = { now: Date.now, wait };
  const { group, machine } = what;
  const kind = await waitUntilServing(clients.balancers, settings.targetGroup, machine, clock);
  if (kind !== 'gone')
    await tell({ kind, id: `${what.id}/${kind}`, at: new Date().toISOString(), group, machine });
}

/** Adds an occurrence to the log, and sends the mails that follow from it, once. */
async function tell(what: Occurrence): Promise<void> {
  const { id } = what;
  const before = await log.read();
  if (before.some((entry) => 'sent' in entry && entry.sent === id)) return;
  const known = occurrencesIn(before);
  let entries = before;
  if (!known.some((one) => one.id === id)) {
    const isReplacement = what.kind === 'launched' && what.replacement;
    if (!isReplacement && !matters(replay(known, settings).state, what, settings)) return;
    entries = await log.read(await log.append({ occurrence: what }));
  }
  const letters = mailsOf(id, occurrencesIn(entries), settings).map((mail) => letter(mail, settings));
  if (letters.length === 0) return;
  const at = new Date().toISOString();
  try {
    const urls = await webhooks(clients.secrets, settings.webhooks);
    for (const one of letters) {
      const refusals = await post(urls, one);
      const note =
        refusals.length > 0 ? `\n\nA webhook did not accept this message (${refusals.join(', ')}).` : '';
      await publish(clients.sns, settings.topic, { ...one, text: one.text + note });
    }
  } catch (error) {
    const why = `${(error as Error).name}: ${(error as Error).message}`.slice(0, 600);
    await log.append({ failed: id, at, why });
    throw error;
  }
  await log.append({ sent: id, at, subjects: letters.map(({ subject }) => subject) });
}
