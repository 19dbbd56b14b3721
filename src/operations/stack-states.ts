import type { StackStatus } from '@aws-sdk/client-cloudformation';

/** What is needed before a stack can be deployed. */
export interface StackState {
  /**
   * `deploy`: nothing. `wait`: an operation in progress has to end. `delete`: the creation failed, so the stack is
   * unused. `go back`: a failed update has to be rolled back.
   */
  readonly next: 'deploy' | 'wait' | 'delete' | 'go back';
  /** What the state means, a clause without a subject: `is being updated, …`. */
  readonly means: string;
}

const fine: StackState = { next: 'deploy', means: 'exists' };
const wait = (means: string): StackState => ({ next: 'wait', means });
const remove = (means: string): StackState => ({ next: 'delete', means });

const ROLLING_BACK = 'is being rolled back after a failed update';
const IMPORT = 'is importing resources';

/** All CloudFormation stack states, and how a deployment continues from each of them. */
const STATES: Readonly<Record<StackStatus, StackState>> = {
  CREATE_COMPLETE: fine,
  UPDATE_COMPLETE: fine,
  IMPORT_COMPLETE: fine,
  IMPORT_ROLLBACK_COMPLETE: fine,
  DELETE_COMPLETE: { next: 'deploy', means: 'was deleted' },
  UPDATE_ROLLBACK_COMPLETE: { next: 'deploy', means: 'was rolled back after a failed update' },

  CREATE_IN_PROGRESS: wait('is being created by another or an interrupted "up"'),
  UPDATE_IN_PROGRESS: wait('is being updated by another or an interrupted "up"'),
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: wait('is deleting old resources after an update'),
  DELETE_IN_PROGRESS: wait('is being deleted'),
  ROLLBACK_IN_PROGRESS: wait('is being rolled back after a failed creation'),
  UPDATE_ROLLBACK_IN_PROGRESS: wait(ROLLING_BACK),
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: wait(ROLLING_BACK),
  IMPORT_IN_PROGRESS: wait(IMPORT),
  IMPORT_ROLLBACK_IN_PROGRESS: wait(IMPORT),

  REVIEW_IN_PROGRESS: remove('was never created'),
  CREATE_FAILED: remove('could not be created'),
  ROLLBACK_COMPLETE: remove('was rolled back after a failed creation'),
  ROLLBACK_FAILED: remove('could not be created, and could not be rolled back completely'),
  DELETE_FAILED: remove('could not be deleted completely'),

  UPDATE_FAILED: { next: 'go back', means: 'could not be updated, and is partly changed' },
  UPDATE_ROLLBACK_FAILED: {
    next: 'go back',
    means: 'could not be updated, and its rollback failed',
  },
  IMPORT_ROLLBACK_FAILED: {
    next: 'go back',
    means: 'could not import resources, and its rollback failed',
  },
};

/** How a deployment continues from a stack's state; `undefined`: there is no stack. */
export function stackState(status: StackStatus | undefined): StackState {
  if (!status) return { next: 'deploy', means: 'does not exist yet' };
  // States that are not known here are left to CloudFormation.
  return STATES[status] ?? fine;
}

/** The state after a failed deployment, a sentence that follows the cause; empty if there is nothing to add. */
export function aftermath(status: StackStatus | undefined): string {
  switch (status) {
    case 'UPDATE_ROLLBACK_COMPLETE':
    case 'UPDATE_ROLLBACK_IN_PROGRESS':
    case 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS':
      return 'CloudFormation rolls back to the previous state, so meetings continue.';
    case 'UPDATE_ROLLBACK_FAILED':
    case 'UPDATE_FAILED':
      return 'CloudFormation could not roll back completely; the same command continues the rollback first.';
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_IN_PROGRESS':
      return 'CloudFormation rolls back the creation; the same command deletes the rest and starts again.';
    case 'ROLLBACK_FAILED':
    case 'CREATE_FAILED':
      return 'CloudFormation could not roll back the creation completely; the same command deletes the rest and starts again.';
    default:
      return '';
  }
}
