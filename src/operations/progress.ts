import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Clock } from '../cloud/account.js';
import { resourceName } from '../stack/resource-names.js';
import type { SeenRecord } from './dns/record.js';

/** What long work tells on its way. A terminal, `--json` and tests read the same stream. */
export type ProgressEvent =
  | {
      readonly kind: 'step';
      /** Stable word for scripts. */
      readonly id: string;
      readonly title: string;
      readonly state: 'started' | 'done' | 'failed';
      /** How long it took; from `done` and `failed` on. */
      readonly seconds?: number;
      readonly detail?: string;
      /** Seconds after which it gives up, where it has such a limit; with `started`. */
      readonly limit?: number;
    }
  | {
      readonly kind: 'resource';
      readonly logicalId: string;
      /** What it is, in words. */
      readonly name: string;
      /** CloudFormation's type, such as `AWS::EC2::VPC`. */
      readonly type: string;
      /** CloudFormation's word, such as `CREATE_COMPLETE`. */
      readonly status: string;
      readonly reason: string;
      readonly completed?: number;
      readonly total?: number;
    }
  | {
      /** Records that a person has to add, with what DNS says of each. Told again whenever that changes. */
      readonly kind: 'records';
      readonly title: string;
      readonly records: readonly SeenRecord[];
    }
  | {
      /** Nothing goes on but waiting for somebody or something else. */
      readonly kind: 'waiting';
      /** For what, as in "waiting for …". */
      readonly what: string;
      /** How long so far. */
      readonly seconds: number;
    };

export type OnProgress = (event: ProgressEvent) => void;

/**
 * Does one step of long work and tells when it starts, ends or fails, with how long it took. `limit`: seconds after which the
 * work gives up.
 */
export async function step<T>(
  onProgress: OnProgress,
  clock: Clock,
  id: string,
  title: string,
  work: () => Promise<T>,
  limit?: number,
): Promise<T> {
  const from = clock.now().getTime();
  const seconds = () => (clock.now().getTime() - from) / 1000;
  onProgress({ kind: 'step', id, title, state: 'started', ...(limit !== undefined && { limit }) });
  try {
    const result = await work();
    onProgress({ kind: 'step', id, title, state: 'done', seconds: seconds() });
    return result;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    onProgress({ kind: 'step', id, title, state: 'failed', seconds: seconds(), detail });
    throw error;
  }
}

/** One of CloudFormation's events as progress. */
export function resourceProgress(
  event: StackEvent,
  count: { completed: number; total: number | undefined } = { completed: 0, total: undefined },
): ProgressEvent {
  const { LogicalResourceId: logicalId = '', ResourceType: type = '' } = event;
  return {
    kind: 'resource',
    logicalId,
    name: resourceName(logicalId, type),
    type,
    status: event.ResourceStatus ?? '',
    reason: event.ResourceStatusReason ?? '',
    ...(count.total !== undefined && { completed: count.completed, total: count.total }),
  };
}
