import type { Machine } from '../../cloud/machines.js';
import { verifyJoin } from '../../operations/join-meeting.js';
import { type Status, status } from '../../operations/status.js';
import { type ScenarioContext, type ScenarioLog, seen } from './context.js';

/** Timeouts of a replacement: with a prepared image nothing is installed; otherwise installation takes this long. */
const REPLACED_WITHIN_SECONDS = 600;

/** The main scenario at the smallest size: after `runUp` the machine fails and is replaced. */
export async function runSolo(context: ScenarioContext, record: ScenarioLog): Promise<void> {
  const lost = await record.step('kill', 'Cut the machine’s power: it is replaced', (note) =>
    loseTheMachine(context, record, note),
  );
  await record.step('mail', 'One mail says what failed, and one that all is well again', (note) =>
    checkMail(context, lost, note),
  );
}

async function loseTheMachine(
  context: ScenarioContext,
  record: ScenarioLog,
  note: (detail: string) => void,
): Promise<Machine> {
  const before = await status(context.account, context.deployment);
  const victim = before.machines.find(({ target }) => target === 'healthy');
  if (!victim) throw new Error('no machine serves, so none can be lost');
  const from = context.clock.now().getTime();
  const at = () => (context.clock.now().getTime() - from) / 1000;
  const moment = (what: string) => record.timeline.push({ at: at(), what });
  await context.cutPower(victim.id);
  moment(`power cut: ${victim.id} in ${victim.zone}`);

  const reported = new Set<string>();
  const report = (what: string) => {
    if (reported.has(what)) return;
    reported.add(what);
    moment(what);
  };
  await seen(context, 'a replacement that serves', REPLACED_WITHIN_SECONDS, async () => {
    const now = await status(context.account, context.deployment);
    for (const what of stages(now, victim.id)) report(what);
    return now.machines.some(({ id, target }) => id !== victim.id && target === 'healthy');
  });
  const replaced = at();
  if (context.machines) {
    await seen(context, 'a participant who can join again', 60, async () => {
      const probe = await verifyJoin(context.account, context.deployment);
      if (probe.ok) record.probes.push(probe);
      return probe.ok;
    });
    report('a participant joined a meeting again');
  }
  note(
    `serving again after ${replaced.toFixed(1)} s${context.machines ? `, joined after ${at().toFixed(1)} s` : ''}`,
  );
  return victim;
}

/** The state of a replacement as `status` shows it, in words. */
export function stages(now: Status, victim: string): string[] {
  const old = now.machines.find(({ id }) => id === victim);
  const next = now.machines.find(({ id }) => id !== victim);
  const words: string[] = [];
  if (old?.target === 'unhealthy') words.push('the load balancer stopped sending to it');
  if (old?.state !== 'running') words.push('the group noticed that the machine has failed');
  if (next) words.push(`replacement ${next.id} launched in ${next.zone}`);
  if (next?.state === 'running') words.push('the replacement runs');
  if (next?.lifecycle === 'InService') words.push('the replacement is in service for its group');
  if (next?.target === 'healthy') words.push('the load balancer sends to the replacement');
  return words;
}

async function checkMail(
  context: ScenarioContext,
  lost: Machine,
  note: (detail: string) => void,
): Promise<void> {
  const about = async () =>
    (await context.mails())
      // Webhooks get the same messages.
      .filter(({ to, body }) => !to.startsWith('https://') && body.includes(lost.id))
      .map(({ subject }) => subject);
  await seen(
    context,
    `a mail that ${lost.id} failed, and an all-clear`,
    60,
    async () => (await about()).length >= 2,
  );
  const subjects = await about();
  if (subjects.length > 2) throw new Error(`more than one mail and one all-clear: ${subjects.join('; ')}`);
  note(subjects.map((subject) => `"${subject}"`).join(', then '));
}
