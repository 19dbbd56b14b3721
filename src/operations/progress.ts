import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Clock } from '../cloud/account.js';
import { resourceLabel } from '../stack/resource-labels.js';
import type { SeenRecord } from './dns/record.js';

/** Progress events of long operations. The terminal, `--json` and tests read the same stream. */
export type ProgressEvent =
  | {
      readonly kind: 'step';
      /** Stable identifier for scripts. */
      readonly id: string;
      readonly title: string;
      readonly state: 'started' | 'done' | 'failed';
      /** Duration; with `done` and `failed`. */
      readonly seconds?: number;
      readonly detail?: string;
      /** Timeout in seconds, if there is one; with `started`. */
      readonly limit?: number;
    }
  | {
      readonly kind: 'resource';
      readonly logicalId: string;
      /** What it is, in words. */
      readonly name: string;
      /** CloudFormation's type, such as `AWS::EC2::VPC`. */
      readonly type: string;
      /** CloudFormation's resource status, such as `CREATE_COMPLETE`. */
      readonly status: string;
      readonly reason: string;
      readonly completed?: number;
      readonly total?: number;
    }
  | {
      /** DNS records that the user has to add, with their lookup results. Sent again whenever a result changes. */
      readonly kind: 'records';
      readonly title: string;
      readonly records: readonly SeenRecord[];
    }
  | {
      /** The operation waits for something outside of convoke. */
      readonly kind: 'waiting';
      /** For what, as in "waiting for …". */
      readonly what: string;
      /** Duration so far. */
      readonly seconds: number;
    };

export type OnProgress = (event: ProgressEvent) => void;

/**
 * Runs one step of a long operation, and reports its start, its end or failure, and its duration. `limit`: timeout in
 * seconds. `isOk`: whether the result is a success; a step that throws failed in any case.
 */
export async function step<T>(
  onProgress: OnProgress,
  clock: Clock,
  id: string,
  title: string,
  work: () => Promise<T>,
  { limit, isOk = () => true }: { limit?: number; isOk?: (result: T) => boolean } = {},
): Promise<T> {
  const from = clock.now().getTime();
  const seconds = () => (clock.now().getTime() - from) / 1000;
  onProgress({ kind: 'step', id, title, state: 'started', ...(limit !== undefined && { limit }) });
  try {
    const result = await work();
    const state = isOk(result) ? 'done' : 'failed';
    onProgress({ kind: 'step', id, title, state, seconds: seconds() });
    return result;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    onProgress({ kind: 'step', id, title, state: 'failed', seconds: seconds(), detail });
    throw error;
  }
}

/** Turns a CloudFormation event into a progress event. */
export function resourceProgress(
  event: StackEvent,
  count: { completed: number; total: number | undefined } = { completed: 0, total: undefined },
): ProgressEvent {
  const { LogicalResourceId: logicalId = '', ResourceType: type = '' } = event;
  return {
    kind: 'resource',
    logicalId,
    name: resourceLabel(logicalId, type),
    type,
    status: event.ResourceStatus ?? '',
    reason: event.ResourceStatusReason ?? '',
    ...(count.total !== undefined && { completed: count.completed, total: count.total }),
  };
}
