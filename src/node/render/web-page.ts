import type { ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { INVITATION } from './web-invitation.js';
import { RETURN } from './web-return.js';
import { SENDERS } from './web-senders.js';
import { TRANSPORT } from './web-transport.js';

export const WEB_PAGE_FILE = '/etc/jitsi/meet/convoke-page.html';

/** What the client's page does besides, in the place that it has for additions, right after the client's programs. */
export function webPage({ spec }: ShardFacts): MachineFile {
  const programs = [RETURN, SENDERS, TRANSPORT, ...(spec.access === 'members' ? [INVITATION] : [])];
  return {
    path: WEB_PAGE_FILE,
    mode: 0o644,
    owner: 'root:root',
    text: [`<!-- ${NOTICE} -->\n`, ...programs.map((text) => `<script>\n${text}</script>\n`)].join(''),
    // nginx reads it at each request.
    readBy: [],
  };
}
