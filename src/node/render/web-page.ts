import { needsTokens } from '../../contract/access.js';
import invitation from '../../page/invitation.text.js';
import reconnect from '../../page/reconnect.text.js';
import senders from '../../page/senders.text.js';
import transport from '../../page/transport.text.js';
import type { ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';

export const WEB_PAGE_FILE = '/etc/jitsi/meet/convoke-page.html';

/** Scripts of src/page, in the place that the client's page has for additions: right after the client's own scripts. */
export function webPage({ spec }: ShardFacts): MachineFile {
  const scripts = [reconnect, senders, transport, ...(needsTokens(spec.access) ? [invitation] : [])];
  return {
    path: WEB_PAGE_FILE,
    mode: 0o644,
    owner: 'root:root',
    text: [`<!-- ${NOTICE} -->\n`, ...scripts.map((text) => `<script>\n${text}</script>\n`)].join(''),
    // nginx reads it at each request.
    readBy: [],
  };
}
