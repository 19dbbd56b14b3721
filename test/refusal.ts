import { expect } from 'vitest';
import { parseDeployment } from '../src/config/load.js';
import { ConvokeError } from '../src/contract/errors.js';

/** The required settings. */
export const GOOD = { domain: 'meet.example.org', region: 'eu-central-1', alerts: 'ops@example.org' };

/** What the file is refused with. Any other error fails the test. */
export function refusalOf(text: string, path = 'convoke.yaml'): string {
  try {
    parseDeployment(text, path);
  } catch (error) {
    if (!(error instanceof ConvokeError)) throw error;
    expect(error.exitCode).toBe(2);
    expect(error.now).not.toBe('');
    return `${error.message}\n${error.why}`;
  }
  throw new Error('the file was accepted');
}
