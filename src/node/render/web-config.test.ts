import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { sampleFacts } from '../../../test/sample-facts.js';
import type { ShardRecording } from '../../contract/recording.js';
import { webConfig } from './web-config.js';

/** What the page reads, opened in a browser in this way. */
function config(hash: string, arrival: string, referrer = '') {
  const performance = { getEntriesByType: () => [{ type: arrival }] };
  const location = { hash, origin: 'https://meet.example.org', pathname: '/room' };
  const context = createContext({ location, performance, document: { referrer } });
  return runInContext(`${webConfig(sampleFacts()).text}; config`, context);
}

describe('recording', () => {
  const page = (recording?: ShardRecording) => {
    const { text } = webConfig(sampleFacts({ spec: { recording } }));
    return runInContext(`${text}; config`, createContext({}));
  };

  it('asks for consent, and hides recorders', () => {
    expect(page({ secret: 'recorders', who: 'moderators', ready: 1 })).toMatchObject({
      hiddenDomain: 'recorder.meet.example.org',
      recordingService: { enabled: true },
      recordings: { requireConsent: true },
    });
    expect(page()).not.toHaveProperty('recordingService');
  });

  it.each([
    ['abcd-efgh-ijkl-mnop-qrst', true],
    ['rtmp://live.example.org/app/key', true],
    ['RTMPS://live.example.org:443/app/key?x=1', true],
    ['https://live.example.org/app', false],
    ['rtmp://live.example.org/app key', false],
  ])('streams to %s: %s', (stream, accepted) => {
    const { liveStreaming } = page({ secret: 'recorders', who: 'moderators', ready: 1 });
    expect(new RegExp(liveStreaming.validatorRegExpString).test(stream)).toBe(accepted);
  });
});

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
