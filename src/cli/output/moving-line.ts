import type { ProgressEvent } from '../../operations/progress.js';

/** The part of a terminal's stream that the progress line needs. */
export interface Terminal {
  write(text: string): unknown;
  readonly columns?: number;
}

/** A running step, and since when (milliseconds). */
export interface Activity {
  readonly title: string;
  readonly since: number;
  /** Which part of it, such as "role of shard a's machines". */
  readonly part?: string;
  readonly count?: Count;
  /** Timeout in seconds, if it has one. */
  readonly limit?: number;
}

interface Count {
  readonly completed: number;
  readonly total: number;
  /** When the counting began, and at which number: an update starts counting again for each stack. */
  readonly since: number;
  readonly from: number;
}

/** No estimate before this: the first resources are the quickest. */
const SECONDS_FOR_A_PACE = 5;
const PARTS_FOR_A_PACE = 5;

/** Hours, minutes and seconds, the two largest that matter: "42 s", "3 min 5 s", "1 h 2 min". */
export function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/**
 * The remaining time, by the pace so far or by the timeout. In whole minutes, because neither is exact. Empty if
 * neither is known.
 */
export function estimate({ since, count, limit }: Activity, now: number): string {
  if (count && count.total > count.completed) {
    const [took, parts] = [(now - count.since) / 1000, count.completed - count.from];
    if (took < SECONDS_FOR_A_PACE || parts < PARTS_FOR_A_PACE) return '';
    const minutes = Math.round(((took / parts) * (count.total - count.completed)) / 60);
    return minutes <= 1 ? 'about a minute left' : `about ${minutes} min left`;
  }
  const left = limit === undefined ? 0 : limit - (now - since) / 1000;
  return left > 0 ? `at most ${Math.ceil(left / 60)} min left` : '';
}

/** The progress line: the running step, how far it is, the elapsed and the remaining time. */
export function lineOf(activity: Activity, now: number, columns: number): string {
  const { title, since, part, count } = activity;
  const times = [elapsed((now - since) / 1000), estimate(activity, now)].filter(Boolean).join(', ');
  const what = [count ? `${count.completed} of ${count.total}` : '', part].filter(Boolean).join(', ');
  const end = `  ${times}`;
  const begin = `… ${title}${what ? `: ${what}` : ''}`;
  // One column stays free, because some terminals wrap a full line.
  const room = Math.max(0, columns - 1 - end.length);
  return `${begin.length > room ? `${begin.slice(0, Math.max(0, room - 1))}…` : begin}${end}`;
}

/**
 * Shows progress on a terminal in one line, which is redrawn each second and at each event, and cleared before
 * anything else is printed.
 */
export class MovingLine {
  private readonly activities: (Activity & { readonly id: string })[] = [];
  private timer: NodeJS.Timeout | undefined;
  private shown = false;
  private steps = 0;
  private began: number | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly now: () => number = Date.now,
  ) {}

  event(event: ProgressEvent): void {
    const now = this.now();
    this.began ??= now;
    if (event.kind === 'step') {
      if (event.state === 'started') {
        const { id, title, limit } = event;
        this.activities.push({ id, title, since: now, ...(limit !== undefined && { limit }) });
      } else {
        const at = this.activities.findLastIndex(({ id }) => id === event.id);
        if (at >= 0) this.activities.splice(at);
        if (event.state === 'done') this.steps++;
      }
    } else if (event.kind === 'resource') {
      const { name, completed, total } = event;
      this.change(({ count }) => ({
        part: name,
        ...(completed !== undefined &&
          total !== undefined && {
            count: {
              completed,
              total,
              ...(count?.total === total
                ? { since: count.since, from: count.from }
                : { since: now, from: completed }),
            },
          }),
      }));
    } else if (event.kind === 'waiting') this.change(() => ({ part: `waiting for ${event.what}` }));
    this.draw();
  }

  /** Removes the line, so that something else can be printed; the next event or second brings it back. */
  clear(): void {
    if (this.shown) this.terminal.write('\r\x1b[2K');
    this.shown = false;
  }

  /** Ends it. Returns a summary of the steps; undefined if there was none. */
  end(): string | undefined {
    this.clear();
    clearInterval(this.timer);
    this.timer = undefined;
    this.activities.length = 0;
    const { steps, began } = this;
    [this.steps, this.began] = [0, undefined];
    if (steps === 0 || began === undefined) return undefined;
    return `${steps} step${steps === 1 ? '' : 's'} in ${elapsed((this.now() - began) / 1000)}`;
  }

  private change(what: (activity: Activity) => Partial<Activity>): void {
    const last = this.activities.at(-1);
    if (last) this.activities[this.activities.length - 1] = { ...last, ...what(last) };
  }

  private draw(): void {
    this.clear();
    const activity = this.activities.at(-1);
    if (!activity) return;
    this.terminal.write(lineOf(activity, this.now(), this.terminal.columns ?? 80));
    this.shown = true;
    this.timer ??= setInterval(() => this.draw(), 1000).unref();
  }
}
