import { type MachineFile, NOTICE } from './file.js';
import { RETURN } from './web-return.js';
import { SENDERS } from './web-senders.js';

export const WEB_PAGE_FILE = '/etc/jitsi/meet/convoke-page.html';

/**
 * convoke's additions to the client's page, in the place that the page has for additions, after the client's scripts.
 */
export function webPage(): MachineFile {
  return {
    path: WEB_PAGE_FILE,
    mode: 0o644,
    owner: 'root:root',
    text: `<!-- ${NOTICE} -->
<script>
${RETURN}</script>
<script>
${SENDERS}</script>
`,
    // nginx reads it at each request.
    readBy: [],
  };
}
