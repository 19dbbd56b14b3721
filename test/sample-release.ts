import type { ReleaseState } from '../src/contract/release.js';

/** A release, with which stacks have everything: machines start from a machine image, so there is one that makes it. */
export const releases: ReleaseState = {
  release: {
    name: '2.0.2-1',
    source: 'https://download.jitsi.org stable/',
    packages: {
      jicofo: '1.0-2',
      'jitsi-meet-web': '1.0.2',
      'jitsi-meet-prosody': '1.0.2',
      'jitsi-videobridge2': '2.3-2',
    },
    date: '2026-11-02',
  },
};
