import { type MachineFile, NOTICE } from './file.js';
import { RETURN } from './web-return.js';
import { SENDERS } from './web-senders.js';

export const WEB_PAGE_FILE = '/etc/jitsi/meet/convoke-page.html';

/** What the client's page does besides, in the place that it has for additions, right after the client's programs. */
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
