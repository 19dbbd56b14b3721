import { logoPath } from '../../contract/machine-layout.js';
import { LEAST_RESOLUTION } from '../../contract/meetings.js';
import type { ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { html, js } from './quoting.js';

/** Files of `jitsi-meet-web`, and those that replace or extend them. */
export const PACKAGE_INTERFACE_CONFIG = '/usr/share/jitsi-meet/interface_config.js';
export const INTERFACE_CONFIG_FILE = '/etc/jitsi/meet/convoke-interface-config.js';
export const TITLE_FILE = '/etc/jitsi/meet/convoke-title.html';
export const WELCOME_FILE = '/etc/jitsi/meet/convoke-welcome.html';

/** Internal path of the package's interface_config.js, for nginx's server-side include only. */
export const PACKAGE_INTERFACE_CONFIG_PATH = '/convoke/interface_config.js';

/** The settings under `meetings` as keys of Jitsi's `config.js`. */
export function meetingConfig({ spec }: ShardFacts): Record<string, unknown> {
  const { meetings, logo } = spec;
  const { resolution, startMuted } = meetings;
  return {
    welcomePage: { disabled: !meetings.welcome },
    // Meetings stay in a phone's browser, too: users are not sent to an app store.
    deeplinking: { disabled: true },
    ...(meetings.language && { defaultLanguage: meetings.language }),
    resolution,
    constraints: { video: { height: { ideal: resolution, max: resolution, min: LEAST_RESOLUTION } } },
    // The client sends VP8 at a quarter, half and all of the camera's height, which Videobridge assumes to be 180,
    // 360 and 720 lines (`MediaSourceFactory`): a request for 180 lines of such a camera would get 45.
    ...(resolution === LEAST_RESOLUTION && { disableSimulcast: true }),
    ...(startMuted.audio !== undefined && { startAudioMuted: startMuted.audio }),
    ...(startMuted.video !== undefined && { startVideoMuted: startMuted.video }),
    ...(meetings.privacy && { legalUrls: { privacy: meetings.privacy } }),
    ...(logo && { defaultLogoUrl: logoPath(logo.type) }),
  };
}

/** The parts of the page with the title, the logo and the privacy notice. */
export function webSettings(facts: ShardFacts): MachineFile[] {
  return [interfaceConfig(facts), title(facts), welcome(facts)];
}

/** Jitsi moves these settings to `config.js` one by one; the ones used here have not moved yet. */
function interfaceConfig({ spec }: ShardFacts): MachineFile {
  const { meetings, logo } = spec;
  const changes = {
    APP_NAME: meetings.title,
    NATIVE_APP_NAME: meetings.title,
    SHOW_JITSI_WATERMARK: meetings.watermark || logo !== undefined,
    MOBILE_APP_PROMO: false,
    DISPLAY_WELCOME_FOOTER: false,
    DISPLAY_WELCOME_PAGE_CONTENT: meetings.privacy !== undefined,
    ...(logo && {
      DEFAULT_LOGO_URL: logoPath(logo.type),
      DEFAULT_WELCOME_PAGE_LOGO_URL: logoPath(logo.type),
      JITSI_WATERMARK_LINK: '',
    }),
  };
  return file(
    INTERFACE_CONFIG_FILE,
    `// ${NOTICE}
<!--#include virtual="${PACKAGE_INTERFACE_CONFIG_PATH}" -->
Object.assign(interfaceConfig, ${js(changes, 2)});
`,
  );
}

function title({ spec }: ShardFacts): MachineFile {
  const name = html(spec.meetings.title);
  return file(
    TITLE_FILE,
    `<title>${name}</title>
<meta property="og:title" content="${name}">
<meta itemprop="name" content="${name}">
<link rel="icon" href="${spec.logo ? logoPath(spec.logo.type) : 'images/favicon.svg?v=1'}">
`,
  );
}

/** The client copies the template's content to the bottom of the welcome page. */
function welcome({ spec }: ShardFacts): MachineFile {
  const { privacy } = spec.meetings;
  const link = privacy && `<p><a href="${html(privacy)}" rel="noopener" target="_blank">Privacy</a></p>`;
  return file(
    WELCOME_FILE,
    `<template id="welcome-page-additional-content-template">${link ?? ''}</template>\n`,
  );
}

// nginx reads these at each request.
const file = (path: string, text: string): MachineFile => ({
  path,
  mode: 0o644,
  owner: 'root:root',
  text,
  readBy: [],
});
