import type { Account, Clock } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import type { Moment } from '../../operations/drill/timeline.js';
import type { BrowsersResult } from '../../operations/probe/browsers.js';
import type { ProbeResult } from '../../operations/probe/meeting.js';
import type { OnProgress } from '../../operations/progress.js';
import type { ReportScenario, ReportStep } from '../report.js';

/** The environment of a scenario. */
export interface ScenarioContext {
  readonly account: Account;
  readonly deployment: Deployment;
  readonly clock: Clock;
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal;
  /** Whether there are real machines, so that a participant can join. */
  readonly machines: boolean;
  /** Cuts a machine's power, as a failing host does: nothing is shut down, and no connection is closed. */
  cutPower(instanceId: string): Promise<void>;
  /** All mail so far, oldest first. */
  mails(): Promise<readonly { to: string; subject: string; body: string }[]>;
}

/** The log of a run. */
export class ScenarioLog {
  readonly steps: ReportStep[] = [];
  readonly probes: ProbeResult[] = [];
  readonly browsers: BrowsersResult[] = [];
  readonly timeline: Moment[] = [];
  readonly scenarios: ReportScenario[] = [];
  /** Whether a Jicofo identified itself as a fake. */
  usesFakes = false;

  constructor(
    private readonly clock: Clock,
    private readonly onProgress: OnProgress,
    /** Called after each step, so that an interrupted run keeps what was measured. */
    private readonly save: () => void,
  ) {}

  /** One step of the scenario: timed, reported and logged; a failure ends the scenario. */
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
    } finally {
      this.save();
    }
  }
}

/** Waits for a condition; throws `NotSeen` with a description if it is not met in time. */
export async function seen(
  context: ScenarioContext,
  what: string,
  patienceSeconds: number,
  look: () => Promise<boolean>,
): Promise<void> {
  const deadline = context.clock.now().getTime() + patienceSeconds * 1000;
  while (!(await look())) {
    if (context.clock.now().getTime() > deadline) {
      throw new ConvokeError('NotSeen', {
        what: `${what}: not within ${patienceSeconds} seconds.`,
        now: 'The report and the logs in the rehearsal’s folder show the progress; --keep leaves everything running.',
      });
    }
    await context.clock.wait(250, context.signal);
  }
}
