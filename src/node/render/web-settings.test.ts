import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { sampleFacts } from '../../../test/sample-facts.js';
import { MeetingSettings } from '../../contract/meetings.js';
import type { ShardFacts } from '../facts.js';
import { render } from './index.js';
import { INTERFACE_CONFIG_FILE, TITLE_FILE, WELCOME_FILE } from './web-settings.js';

const facts = (meetings: Partial<MeetingSettings>, logo?: ShardFacts['spec']['logo']) =>
  sampleFacts({ spec: { meetings: MeetingSettings.parse(meetings), ...(logo && { logo }) } });

const text = (of: ShardFacts, path: string): string =>
  render(of).find((file) => file.path === path)?.text ?? 'no such file';

/** What the client reads: `config.js`, and the interface configuration over that of the package. */
function client(of: ShardFacts): {
  config: Record<string, unknown>;
  interfaceConfig: Record<string, unknown>;
} {
  const context = createContext({});
  const packaged = "var interfaceConfig = { APP_NAME: 'Jitsi Meet', SHOW_JITSI_WATERMARK: true };";
  runInContext(text(of, '/etc/jitsi/meet/convoke-config.js'), context);
  runInContext(text(of, INTERFACE_CONFIG_FILE).replace(/<!--#include .*-->/, packaged), context);
  return JSON.parse(runInContext('JSON.stringify({ config, interfaceConfig })', context));
}

describe('the settings of meetings', () => {
  it('reach the client under Jitsi’s names', () => {
    const of = facts({
      title: 'Town Hall',
      language: 'pt-BR',
      resolution: 360,
      startMuted: { audio: 10, video: 0 },
      privacy: 'https://example.org/privacy',
      welcome: false,
    });
    const { config, interfaceConfig } = client(of);
    expect(config).toMatchObject({
      defaultLanguage: 'pt-BR',
      resolution: 360,
      constraints: { video: { height: { ideal: 360, max: 360 } } },
      startAudioMuted: 10,
      startVideoMuted: 0,
      legalUrls: { privacy: 'https://example.org/privacy' },
      welcomePage: { disabled: true },
    });
    expect(interfaceConfig).toMatchObject({ APP_NAME: 'Town Hall', DISPLAY_WELCOME_PAGE_CONTENT: true });
    expect(text(of, WELCOME_FILE)).toContain('href="https://example.org/privacy"');
  });

  it.each([
    [180, true],
    [360, undefined],
    [720, undefined],
  ] as const)(
    'disable simulcast for a camera of %i lines, whose layers a bridge would misjudge',
    (resolution, whole) => {
      expect(client(facts({ resolution })).config.disableSimulcast).toBe(whole);
    },
  );

  it('leave unset options to Jitsi', () => {
    const { config } = client(facts({}));
    for (const name of [
      'defaultLanguage',
      'startAudioMuted',
      'startVideoMuted',
      'legalUrls',
      'defaultLogoUrl',
    ])
      expect(config).not.toHaveProperty(name);
  });

  it('keep users of phones in their browser', () => {
    expect(client(facts({})).config).toMatchObject({ deeplinking: { disabled: true } });
  });

  it('show the deployment’s logo, and Jitsi’s only on request', () => {
    const shown = (of: ShardFacts) => client(of).interfaceConfig.SHOW_JITSI_WATERMARK;
    expect(shown(facts({}))).toBe(false);
    expect(shown(facts({ watermark: true }))).toBe(true);
    const own = facts({}, { bucket: 'b', key: 'k', type: 'svg' });
    expect(client(own).config.defaultLogoUrl).toBe('/images/convoke-logo.svg');
    expect(shown(own)).toBe(true);
  });

  it.each([
    '</title><script>alert(1)</script>',
    '"><img src=x>',
    "';alert(1)//",
    '<!--# include file="/etc/passwd" -->',
  ])('never let a title like %j become markup or script', (title) => {
    const of = facts({ title });
    expect(client(of).interfaceConfig.APP_NAME).toBe(title);
    expect(text(of, INTERFACE_CONFIG_FILE).match(/<!--#/g)).toHaveLength(1);
    const [line] = text(of, TITLE_FILE).split('\n');
    expect(line).toMatch(/^<title>[^<>"']*<\/title>$/);
  });
});
