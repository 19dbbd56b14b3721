import type { StackStatus } from '@aws-sdk/client-cloudformation';

/** What has to happen to a stack before it can be deployed. */
export interface StackState {
  /**
   * `deploy`: nothing. `wait`: until what is under way has ended. `delete`: it is what a failed beginning left, and
   * nothing in it serves anybody. `go back`: to what it was before a change that failed.
   */
  readonly next: 'deploy' | 'wait' | 'delete' | 'go back';
  /** What the state means, a clause without its subject: `is being changed, …`. */
  readonly means: string;
}

const fine: StackState = { next: 'deploy', means: 'is there' };
const wait = (means: string): StackState => ({ next: 'wait', means });
const remove = (means: string): StackState => ({ next: 'delete', means });

const GOING_BACK = 'is going back to what it was before a change that failed';
const IMPORT = 'takes over what somebody else made';

/** Every state that CloudFormation knows, and how a deployment goes on from there. */
const STATES: Readonly<Record<StackStatus, StackState>> = {
  CREATE_COMPLETE: fine,
  UPDATE_COMPLETE: fine,
  IMPORT_COMPLETE: fine,
  IMPORT_ROLLBACK_COMPLETE: fine,
  DELETE_COMPLETE: { next: 'deploy', means: 'is gone' },
  UPDATE_ROLLBACK_COMPLETE: { next: 'deploy', means: 'went back to what it was before a change that failed' },

  CREATE_IN_PROGRESS: wait('is being made, by another "up" or one that was interrupted'),
  UPDATE_IN_PROGRESS: wait('is being changed, by another "up" or one that was interrupted'),
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: wait('is being changed, and removes what it no longer needs'),
  DELETE_IN_PROGRESS: wait('is being deleted'),
  ROLLBACK_IN_PROGRESS: wait('could not be made, and takes back what it had begun'),
  UPDATE_ROLLBACK_IN_PROGRESS: wait(GOING_BACK),
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: wait(GOING_BACK),
  IMPORT_IN_PROGRESS: wait(IMPORT),
  IMPORT_ROLLBACK_IN_PROGRESS: wait(IMPORT),

  REVIEW_IN_PROGRESS: remove('was planned, and never made'),
  CREATE_FAILED: remove('could not be made'),
  ROLLBACK_COMPLETE: remove('could not be made, and has taken back what it had begun'),
  ROLLBACK_FAILED: remove('could not be made, and could not take everything back'),
  DELETE_FAILED: remove('could not be deleted to the end'),

  UPDATE_FAILED: { next: 'go back', means: 'could not be changed, and stands half-way' },
  UPDATE_ROLLBACK_FAILED: {
    next: 'go back',
    means: 'could not be changed, and stopped on its way back to what it was',
  },
  IMPORT_ROLLBACK_FAILED: {
    next: 'go back',
    means: 'could not take over what somebody else made, and stands half-way',
  },
};

/** How a deployment goes on from a stack's state; undefined: there is no stack. */
export function stackState(status: StackStatus | undefined): StackState {
  if (!status) return { next: 'deploy', means: 'is not there yet' };
  // A state that a later CloudFormation brings is CloudFormation's to judge.
  return STATES[status] ?? fine;
}

/** What a failed deployment has left, in a sentence that a person reads after the cause; empty where that says nothing. */
export function aftermath(status: StackStatus | undefined): string {
  switch (status) {
    case 'UPDATE_ROLLBACK_COMPLETE':
    case 'UPDATE_ROLLBACK_IN_PROGRESS':
    case 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS':
      return 'CloudFormation goes back to what ran before, so meetings go on.';
    case 'UPDATE_ROLLBACK_FAILED':
    case 'UPDATE_FAILED':
      return 'CloudFormation could not go back all the way to what ran before; the same command has it go on with that first.';
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_IN_PROGRESS':
      return 'CloudFormation takes back what it had made; the same command removes the rest and begins anew.';
    case 'ROLLBACK_FAILED':
    case 'CREATE_FAILED':
      return 'CloudFormation could not take back all that it had made; the same command removes the rest and begins anew.';
    default:
      return '';
  }
}
