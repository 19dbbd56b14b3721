import { expect, it } from 'vitest';
import { SHARD_HEALTH_PATH, STICK_TABLE_SYNCED_PATH } from '../../src/contract/machine-layout.js';
import { PORTS } from '../../src/contract/ports.js';
import { render } from '../../src/node/render/index.js';
import { sampleFacts } from '../sample-facts.js';
import { inDebian } from './debian-root.js';

it('nginx logs a failed request of a participant, but not the checks of the edges while a machine starts', async () => {
  const at = (path: string) => `http://127.0.0.1:${PORTS.web}${path}`;
  const { stdout } = await inDebian(
    render(sampleFacts()),
    `
mkdir -p /usr/share/jitsi-meet/static
touch /usr/share/jitsi-meet/index.html /usr/share/jitsi-meet/static/404.html
nginx 2>/tmp/log
check() { curl -s -m 5 -o /dev/null -w 'check %{http_code}\\n' "$@"; }
until curl -s -o /dev/null ${at('/static/404.html')}; do sleep 0.05; done
check ${at(SHARD_HEALTH_PATH)}
check ${at(STICK_TABLE_SYNCED_PATH)}
check -H 'X-Forwarded-For: 198.51.100.7' '${at('/http-bind?room=x')}'
nginx -s quit
cat /tmp/log
`,
  );
  expect(stdout.match(/check \d+/g)).toEqual(['check 500', 'check 404', 'check 502']);
  const logged = stdout.split('\n').filter((line) => line.includes('[error]'));
  expect(logged).toEqual([expect.stringMatching(/Connection refused.* request: "GET \/http-bind/)]);
}, 300_000);
