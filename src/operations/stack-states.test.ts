import { StackStatus } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { stackState } from './stack-states.js';

describe('the next step of a deployment by the state of its stack', () => {
  it.each(Object.values(StackStatus))('%s', (status) => {
    const { next, means } = stackState(status);
    if (status === 'REVIEW_IN_PROGRESS') expect(next).toBe('delete');
    else if (status.endsWith('IN_PROGRESS')) expect(next).toBe('wait');
    else if (status.endsWith('FAILED')) expect(['delete', 'go back']).toContain(next);
    else expect(next).toBe(status === 'ROLLBACK_COMPLETE' ? 'delete' : 'deploy');
    expect(means).not.toBe('');
  });

  it('never deletes a stack that serves participants', () => {
    for (const status of Object.values(StackStatus))
      if (/^(UPDATE|IMPORT)/.test(status)) expect(stackState(status).next).not.toBe('delete');
  });

  it('is to deploy for an unknown state, or without a stack', () => {
    expect(stackState(undefined).next).toBe('deploy');
    expect(stackState('NEW_STATE' as StackStatus).next).toBe('deploy');
  });
});
