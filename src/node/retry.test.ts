import { describe, expect, it } from 'vitest';
import { retry } from './retry.js';

describe('retry', () => {
  it('doubles its pauses and returns the first success', async () => {
    const pauses: number[] = [];
    let left = 3;
    const act = async () => {
      if (left-- > 0) throw new Error('busy');
      return 'done';
    };
    const wait = async (ms: number) => void pauses.push(ms);
    expect(await retry(act, { attempts: 5, firstWait: 100, wait })).toBe('done');
    expect(pauses).toEqual([100, 200, 400]);
  });

  it('waits equally long each time if the wait is steady', async () => {
    const pauses: number[] = [];
    const act = async () => {
      throw new Error('busy');
    };
    const wait = async (ms: number) => void pauses.push(ms);
    await expect(retry(act, { attempts: 4, firstWait: 100, steady: true, wait })).rejects.toThrow('busy');
    expect(pauses).toEqual([100, 100, 100]);
  });

  it('throws permanent errors immediately', async () => {
    let n = 0;
    const act = async () => {
      throw new Error(n++ === 0 ? 'busy' : 'forged');
    };
    const isFinal = (error: unknown) => String(error).includes('forged');
    const options = { attempts: 5, firstWait: 1, wait: async () => {}, isFinal };
    await expect(retry(act, options)).rejects.toThrow('forged');
    expect(n).toBe(2);
  });

  it('throws the last error at the end', async () => {
    let n = 0;
    const act = async () => {
      throw new Error(`failure ${++n}`);
    };
    await expect(retry(act, { attempts: 3, firstWait: 1, wait: async () => {} })).rejects.toThrow(
      'failure 3',
    );
  });
});
