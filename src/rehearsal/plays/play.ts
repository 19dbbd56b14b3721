import type { Account, Clock } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../config/errors.js';
import type { Moment } from '../../operations/drill/timeline.js';
import type { BrowsersResult } from '../../operations/probe/browsers.js';
import type { ProbeResult } from '../../operations/probe/meeting.js';
import type { OnProgress } from '../../operations/progress.js';
import type { ReportPlay, ReportStep } from '../report.js';

/** What a play has to play with. */
export interface Stage {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly clock: Clock;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
  /** Whether there are real machines, so that a participant can join. */
  readonly machines: boolean;
  /** Takes the power away from a machine, as a failing host does: nothing is shut down, nothing says goodbye. */
  cutPower(instanceId: string): Promise<void>;
  /** Mail so far, oldest first. */
  mails(): Promise<readonly { to: string; subject: string; body: string }[]>;
}

/** What is written down while playing. */
export class Record {
  readonly steps: ReportStep[] = [];
  readonly probes: ProbeResult[] = [];
  readonly browsers: BrowsersResult[] = [];
  readonly timeline: Moment[] = [];
  readonly plays: ReportPlay[] = [];
  /** Whether a focus that was met said that it is an understudy. */
  understudied = false;

  constructor(
    private readonly clock: Clock,
    private readonly onProgress: OnProgress,
  ) {}

  /** One step of the play: timed, told, and written down; a failure ends the play. */
  async step<T>(id: string, name: string, work: (note: (detail: string) => void) => Promise<T>): Promise<T> {
    const from = this.clock.now().getTime();
    const seconds = () => (this.clock.now().getTime() - from) / 1000;
    let detail = '';
    this.onProgress({ kind: 'step', id, title: name, state: 'started' });
    try {
      const result = await work((words) => {
        detail = words;
      });
      this.steps.push({ name, seconds: seconds(), ok: true, detail });
      this.onProgress({ kind: 'step', id, title: name, state: 'done', seconds: seconds(), detail });
      return result;
    } catch (error) {
      const said =
        error instanceof ConvokeError
          ? `${error.message} ${error.why}`.trim()
          : String((error as Error).message ?? error);
      this.steps.push({ name, seconds: seconds(), ok: false, detail: said });
      this.onProgress({ kind: 'step', id, title: name, state: 'failed', seconds: seconds(), detail: said });
      throw error;
    }
  }
}

/** Waits until something is so; throws `NotSeen` with a sentence when it is not so in time. */
export async function seen(
  stage: Stage,
  what: string,
  patienceSeconds: number,
  look: () => Promise<boolean>,
): Promise<void> {
  const deadline = stage.clock.now().getTime() + patienceSeconds * 1000;
  while (!(await look())) {
    if (stage.clock.now().getTime() > deadline) {
      throw new ConvokeError('NotSeen', {
        what: `${what}: not within ${patienceSeconds} seconds.`,
        now: 'The report and the logs in the rehearsal’s folder show how far it came; --keep leaves everything running.',
      });
    }
    await stage.clock.wait(250, stage.signal);
  }
}
