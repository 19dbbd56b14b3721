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

describe('the page before a meeting', () => {
  const muted = '#config.startWithAudioMuted=true&config.startWithVideoMuted=false';
  it.each([
    ['is shown to who comes', '', 'navigate', true],
    ['is shown to who comes by the address of somebody in the meeting', muted, 'navigate', true],
    ['is shown again to who asks for it again', '', 'reload', true],
    ['is not shown to who was in the meeting when its page reloaded itself', muted, 'reload', false],
  ])('%s', (_, hash, arrival, shown) => {
    expect(config(hash, arrival).prejoinConfig.enabled).toBe(shown);
  });

  it('can be read where there is no page: the client does so in a worker when it changes shard', () => {
    const context = createContext({ location: { hash: '' }, performance: {} });
    expect(runInContext(`${webConfig(sampleFacts()).text}; config`, context).hosts.domain).toBeTruthy();
  });

  it('is not shown either where an invitation came back into the address', () => {
    const from = (path: string) => config(muted, 'navigate', `https://meet.example.org${path}`);
    expect(from('/room').prejoinConfig.enabled).toBe(false);
    expect(from('/').prejoinConfig.enabled).toBe(true);
  });
});
