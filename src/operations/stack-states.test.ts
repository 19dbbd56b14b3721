import { StackStatus } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { stackState } from './stack-states.js';

describe('how a deployment goes on from a stack’s state', () => {
  it.each(Object.values(StackStatus))('%s', (status) => {
    const { next, means } = stackState(status);
    if (status === 'REVIEW_IN_PROGRESS') expect(next).toBe('delete');
    else if (status.endsWith('IN_PROGRESS')) expect(next).toBe('wait');
    else if (status.endsWith('FAILED')) expect(['delete', 'go back']).toContain(next);
    else expect(next).toBe(status === 'ROLLBACK_COMPLETE' ? 'delete' : 'deploy');
    expect(means).not.toBe('');
  });

  it('never deletes what serves people', () => {
    for (const status of Object.values(StackStatus))
      if (/^(UPDATE|IMPORT)/.test(status)) expect(stackState(status).next).not.toBe('delete');
  });

  it('takes a state that nobody knows, or none, as one to deploy from', () => {
    expect(stackState(undefined).next).toBe('deploy');
    expect(stackState('NEW_STATE' as StackStatus).next).toBe('deploy');
  });
});
