import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { sampleFacts } from '../../../test/sample-facts.js';
import { webConfig } from './web-config.js';

/** What the page reads, opened in a browser in this way. */
function config(hash: string, arrival: string, referrer = '') {
  const performance = { getEntriesByType: () => [{ type: arrival }] };
  const location = { hash, origin: 'https://meet.example.org', pathname: '/room' };
  const context = createContext({ location, performance, document: { referrer } });
  return runInContext(`${webConfig(sampleFacts()).text}; config`, context);
}

describe('the prejoin page', () => {
  const muted = '#config.startWithAudioMuted=true&config.startWithVideoMuted=false';
  it.each([
    ['is shown at first', '', 'navigate', true],
    ['is shown for an address that was copied from a meeting', muted, 'navigate', true],
    ['is shown again after a reload by the user', '', 'reload', true],
    ['is not shown after the page of a meeting reloaded itself', muted, 'reload', false],
  ])('%s', (_, hash, arrival, shown) => {
    expect(config(hash, arrival).prejoinConfig.enabled).toBe(shown);
  });

  it('can be evaluated without a page, as the client does in a worker when it changes shard', () => {
    const context = createContext({ location: { hash: '' }, performance: {} });
    expect(runInContext(`${webConfig(sampleFacts()).text}; config`, context).hosts.domain).toBeTruthy();
  });

  it('is not shown either if an invitation was put back into the address', () => {
    const from = (path: string) => config(muted, 'navigate', `https://meet.example.org${path}`);
    expect(from('/room').prejoinConfig.enabled).toBe(false);
    expect(from('/').prejoinConfig.enabled).toBe(true);
  });
});
