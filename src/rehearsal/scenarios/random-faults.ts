import { randomInt } from 'node:crypto';
import { leaveGroup } from '../../cloud/faults.js';
import type { Machine } from '../../cloud/machines.js';
import { type DrillResult, powerCut, processKill, watched } from '../../operations/drill/drill.js';
import type { DrillRun } from '../../operations/drill/drill-run.js';
import { measurement } from '../../operations/drill/measurements.js';
import type { Fault } from '../../operations/drill/outcome.js';
import { working } from '../../operations/drill/selection.js';
import { up } from '../../operations/up.js';
import type { ScenarioContext } from './context.js';

/** Number of faults and planned changes, which take about a minute each. */
const ROUNDS = 30;

/** Milliseconds after recovery in which the mail of an incident and its all-clear arrive at the latest. */
const MAIL_PATIENCE_MS = 120_000;

/** Milliseconds in which a mail that should not be sent would arrive. */
const QUIET_MS = 10_000;

/** Something that happens to a deployment. */
interface Happening {
  readonly what: string;
  /** Subjects of the mails that it should send, in order. */
  readonly mails: readonly RegExp[];
  /** Returns the machines that are gone afterwards. */
  readonly happen: (context: ScenarioContext, run: DrillRun) => Promise<readonly Machine[]>;
}

/** A machine fails: one mail, and one all-clear when its replacement serves. */
const FAILED = [/failed and is being replaced|failed twice within an hour/, /all is well again/];

const fault = (role: 'shard' | 'bridge', kind: (context: ScenarioContext) => Fault): Happening['happen'] =>
  async function bring(context, run) {
    const victim = one(run, role);
    const { bring: inject, replaced } = kind(context);
    await inject([victim]);
    return replaced ? [victim] : [];
  };

const leave = (role: 'shard' | 'bridge'): Happening['happen'] =>
  async function replace(context, run) {
    const victim = one(run, role);
    await leaveGroup(context.account, victim.id);
    return [victim];
  };

const POWER = ({ account }: ScenarioContext) => powerCut(account);
const PROCESS = ({ account }: ScenarioContext) => processKill(account);

const HAPPENINGS: readonly Happening[] = [
  { what: 'a shard loses its power', mails: FAILED, happen: fault('shard', POWER) },
  { what: 'a bridge loses its power', mails: FAILED, happen: fault('bridge', POWER) },
  { what: 'a shard’s Prosody is killed', mails: [], happen: fault('shard', PROCESS) },
  { what: 'a bridge’s process is killed', mails: [], happen: fault('bridge', PROCESS) },
  { what: 'a bridge is drained and replaced', mails: [], happen: leave('bridge') },
  { what: 'a shard is drained and replaced', mails: [], happen: leave('shard') },
  { what: '"up" replaces the machines of shards', mails: [], happen: changeSettings },
];

/**
 * Faults and planned changes in random order, each from a healthy deployment: every failure sends one mail and one
 * all-clear, and nothing planned sends any.
 */
export const randomFaults = (context: ScenarioContext): Promise<DrillResult> =>
  watched(context, async (run) => {
    const broke = `${ROUNDS} faults and planned changes in random order`;
    await run.breakIt(broke, async () => {});
    const wrong: string[] = [];
    const open: string[] = [];
    let incidents = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const { what, mails, happen } = HAPPENINGS[randomInt(HAPPENINGS.length)] as Happening;
      const before = (await subjects(context)).length;
      const title = `${round} of ${ROUNDS}: ${what}`;
      run.say(title);
      const sent = await run.stage(`round ${round}`, title, async () => {
        const gone = await happen(context, run);
        if ((await run.asBefore(gone)) === undefined) open.push(title);
        return mailsSince(context, before, mails.length);
      });
      if (mails.length > 0) incidents++;
      if (sent.length !== mails.length || !mails.every((expected, index) => expected.test(sent[index] ?? '')))
        wrong.push(`${title}: ${sent.join('; ') || 'no mail'}`);
      run.say(`${title}: ${sent.length === 0 ? 'no mail' : sent.join('; ')}`);
    }
    for (const each of [...wrong, ...open]) run.say(`wrong: ${each}`);
    return {
      broke,
      victims: [],
      elsewhere: [],
      measurements: [
        measurement('rounds', 'faults and planned changes', ROUNDS, ''),
        measurement('incidents', 'of them failures of machines', incidents, ''),
        measurement('wrong', 'with other mails than one and an all-clear, or none', wrong.length, '', 0),
        measurement('open', 'after which not everything was as before', open.length, '', 0),
      ],
    };
  });

function one(run: DrillRun, role: 'shard' | 'bridge'): Machine {
  const { shards, bridges } = working(run.machines.now);
  const all = role === 'shard' ? shards : bridges;
  const chosen = all[randomInt(Math.max(1, all.length))];
  if (!chosen) throw new Error(`no ${role} serves`);
  return chosen;
}

/** Changes a setting of the page, so that the machines of shards are replaced. */
async function changeSettings(context: ScenarioContext, run: DrillRun): Promise<readonly Machine[]> {
  const { account, deployment, onProgress, signal } = context;
  const { shards } = working(run.machines.now);
  const meetings = { ...deployment.meetings, title: `Meetings ${randomInt(1_000_000)}` };
  await up({
    account,
    deployment: { ...deployment, meetings },
    onProgress,
    signal,
    check: false,
    join: false,
  });
  return shards;
}

/** Subjects of all mail to one recipient, oldest first. Webhooks get the same messages. */
const subjects = async (context: ScenarioContext): Promise<string[]> => {
  const [recipient] = context.deployment.alerts.emails;
  return (await context.mails()).filter(({ to }) => to === recipient).map(({ subject }) => subject);
};

/** The mails since then: waits until there are as many as expected, and whether more arrive. */
async function mailsSince(context: ScenarioContext, before: number, expected: number): Promise<string[]> {
  const { clock, signal } = context;
  const since = async () =>
    (await subjects(context)).slice(before).filter((subject) => !/arrives$/.test(subject));
  const deadline = clock.now().getTime() + MAIL_PATIENCE_MS;
  while ((await since()).length < expected && clock.now().getTime() < deadline) await clock.wait(500, signal);
  await clock.wait(QUIET_MS, signal);
  return since();
}
