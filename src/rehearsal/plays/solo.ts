import type { Machine } from '../../cloud/machines.js';
import { tryToJoin } from '../../operations/join.js';
import { type Status, status } from '../../operations/status.js';
import { type Record, type Stage, seen } from './play.js';

/** A replacement installs nothing where its image is prepared; where it must, this is how long that may take. */
const REPLACED_WITHIN_SECONDS = 600;

/** The main job at the smallest size: after `playUp` the machine dies and is replaced. */
export async function playSolo(stage: Stage, record: Record): Promise<void> {
  const lost = await record.step('kill', 'Cut the machine’s power: it is replaced', (note) =>
    loseTheMachine(stage, record, note),
  );
  await record.step('mail', 'The mail says which machine, where and why', (note) =>
    mailTold(stage, lost, note),
  );
}

async function loseTheMachine(
  stage: Stage,
  record: Record,
  note: (detail: string) => void,
): Promise<Machine> {
  const before = await status(stage.account, stage.deployment);
  const victim = before.machines.find(({ target }) => target === 'healthy');
  if (!victim) throw new Error('no machine serves, so none can be lost');
  const from = stage.clock.now().getTime();
  const at = () => (stage.clock.now().getTime() - from) / 1000;
  const moment = (what: string) => record.timeline.push({ at: at(), what });
  await stage.cutPower(victim.id);
  moment(`power cut: ${victim.id} in ${victim.zone}`);

  const told = new Set<string>();
  const tell = (what: string) => {
    if (told.has(what)) return;
    told.add(what);
    moment(what);
  };
  await seen(stage, 'a replacement that serves', REPLACED_WITHIN_SECONDS, async () => {
    const now = await status(stage.account, stage.deployment);
    for (const what of stages(now, victim.id)) tell(what);
    return now.machines.some(({ id, target }) => id !== victim.id && target === 'healthy');
  });
  const replaced = at();
  if (stage.machines) {
    await seen(stage, 'a participant who can join again', 60, async () => {
      const probe = await tryToJoin(stage.account, stage.deployment);
      if (probe.ok) record.probes.push(probe);
      return probe.ok;
    });
    tell('a participant joined a meeting again');
  }
  note(
    `serving again after ${replaced.toFixed(1)} s${stage.machines ? `, joined after ${at().toFixed(1)} s` : ''}`,
  );
  return victim;
}

/** What `status` shows of a replacement, in words. */
export function stages(now: Status, victim: string): string[] {
  const old = now.machines.find(({ id }) => id === victim);
  const next = now.machines.find(({ id }) => id !== victim);
  const words: string[] = [];
  if (old?.target === 'unhealthy') words.push('the load balancer stopped sending to it');
  if (old?.state !== 'running') words.push('the group noticed that the machine is gone');
  if (next) words.push(`replacement ${next.id} launched in ${next.zone}`);
  if (next?.state === 'running') words.push('the replacement runs');
  if (next?.lifecycle === 'InService') words.push('the replacement is in service for its group');
  if (next?.target === 'healthy') words.push('the load balancer sends to the replacement');
  return words;
}

async function mailTold(stage: Stage, lost: Machine, note: (detail: string) => void): Promise<void> {
  await seen(stage, `a mail that names ${lost.id}, ${lost.zone} and a reason`, 30, async () =>
    (await stage.mails()).some(
      ({ body }) =>
        body.includes('has ended') &&
        body.includes(lost.id) &&
        body.includes(lost.zone) &&
        /Why: \S/.test(body),
    ),
  );
  note(`to ${stage.deployment.alerts}: ${lost.id}, ${lost.zone}`);
}
