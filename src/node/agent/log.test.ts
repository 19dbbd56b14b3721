import { afterEach, expect, it, vi } from 'vitest';
import { log } from './log.js';

afterEach(() => vi.restoreAllMocks());

it('writes the priority that journalctl filters by in front of each line', () => {
  const written: unknown[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(text) > 0);
  log.error('nginx failed');
  log.warning('EC2 does not answer');
  log.info('draining');
  expect(written).toEqual(['<3>nginx failed\n', '<4>EC2 does not answer\n', '<6>draining\n']);
});
