import { beforeAll, describe, expect, it } from 'vitest';
import { MeetingSettings } from '../../src/contract/meetings.js';
import { render } from '../../src/node/render/index.js';
import { sampleFacts } from '../sample-facts.js';
import { inDebian } from './debian-root.js';

/** A page that includes config.js as the real one does, and fakes of Prosody and Jicofo that return the request. */
const PLACE = `
mkdir -p /usr/share/jitsi-meet/libs /usr/share/jitsi-meet/static
cat > /usr/share/jitsi-meet/index.html <<'END'
<!--#include virtual="title.html" -->
<script><!--#include virtual="/config.js" --></script>
<script><!--#include virtual="/interface_config.js" --></script>
<!--#include virtual="static/welcomePageAdditionalContent.html" -->
the page
END
echo "var interfaceConfig = { APP_NAME: 'Jitsi Meet', FROM_THE_PACKAGE: true };" > /usr/share/jitsi-meet/interface_config.js
echo '<title>of the package</title>' > /usr/share/jitsi-meet/title.html
echo '<svg xmlns="http://www.w3.org/2000/svg"/>' > /etc/jitsi/meet/convoke-logo.svg
echo 'the library' > /usr/share/jitsi-meet/libs/lib.js
echo '<!--#include virtual="/title.html" -->not here' > /usr/share/jitsi-meet/static/404.html
echo 'Disallow: /' > /usr/share/jitsi-meet/robots.txt
echo 'the api' > /usr/share/jitsi-meet/libs/external_api.min.js
cat > /tmp/echo.mjs <<'END'
import { createServer } from 'node:http';
for (const port of [5280, 8104, 8888]) createServer((q, r) => {
  const { host, 'x-forwarded-for': client, 'x-forwarded-proto': scheme, 'x-original-uri': original, 'x-tenant': tenant, 'x-convoke-network': network } = q.headers;
  r.end(JSON.stringify({ port, url: q.url, host, client, scheme, original, tenant, network }));
}).on('upgrade', (q, socket) => socket.end('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\\r\\n\\r\\nhello')).listen(port, '127.0.0.1');
END
node /tmp/echo.mjs &
# HAProxy's first check of a shard that does not answer yet would take it out of service.
for port in 5280 8104 8888; do until curl -sf -o /dev/null http://127.0.0.1:$port/; do sleep 0.05; done; done
nginx; haproxy -D -f /etc/haproxy/haproxy.cfg
until curl -sf -o /dev/null http://127.0.0.1/convoke/health/edge && curl -sf -o /dev/null http://127.0.0.1/config.js; do sleep 0.05; done
ask() { echo "##### $1"; shift; curl -s -m 5 -i -H 'X-Forwarded-For: 198.51.100.66, 198.51.100.7' -H 'X-Forwarded-Proto: https' "$@"; echo; }
`;

const ASK = `
ask page http://127.0.0.1/
ask room http://127.0.0.1/SomeRoom
ask tenant-room http://127.0.0.1/team/SomeRoom
ask config 'http://127.0.0.1/config.js?room=x'
ask tenant-config 'http://127.0.0.1/team.x/config.js?room=x'
ask interface http://127.0.0.1/interface_config.js
ask packaged-interface http://127.0.0.1/convoke/interface_config.js
ask logo http://127.0.0.1/images/convoke-logo.svg
ask tenant-logo http://127.0.0.1/team/images/convoke-logo.svg
ask library 'http://127.0.0.1/libs/lib.js?v=7'
ask tenant-library http://127.0.0.1/team/libs/lib.js
ask missing http://127.0.0.1/libs/none.js
ask external-api http://127.0.0.1/external_api.js
ask robots http://127.0.0.1/robots.txt
ask tenant-robots http://127.0.0.1/team/robots.txt
ask sitemap http://127.0.0.1/sitemap.xml
ask favicon http://127.0.0.1/favicon.ico
ask tenant-favicon http://127.0.0.1/team/favicon.ico
ask bosh 'http://127.0.0.1/http-bind?room=x'
ask tenant-bosh 'http://127.0.0.1/team/http-bind?room=x'
ask request -X POST -d '{}' 'http://127.0.0.1/conference-request/v1?room=x'
ask request-by-ipv6 -H 'X-Forwarded-For: 2001:db8:1:2:3:4:5:6' -X POST -d '{}' 'http://127.0.0.1/conference-request/v1?room=x'
ask request-without-address -H 'X-Forwarded-For: nobody' -X POST -d '{}' 'http://127.0.0.1/conference-request/v1?room=x'
ask request-naming-a-network -H 'X-Convoke-Network: 192.0.2.1' -X POST -d '{}' 'http://127.0.0.1/conference-request/v1?room=x'
ask tenant-request -X POST -d '{}' 'http://127.0.0.1/team.x/conference-request/v1?room=x'
ask request-by-get 'http://127.0.0.1/conference-request/v1?room=x'
ask websocket -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' 'http://127.0.0.1/xmpp-websocket?room=x'
ask agent http://127.0.0.1/convoke/health
ask shard http://127.0.0.1/convoke/health/shard
ask edge http://127.0.0.1/convoke/health/edge
ask past-the-edge http://127.0.0.1:8001/convoke/health/shard
ask encoded-bosh --path-as-is 'http://127.0.0.1/%74eam%2F%68ttp-bind?room=x'
ask encoded-room --path-as-is 'http://127.0.0.1/b%75ero/caf%c3%a9..%20;x'
ask app-link http://127.0.0.1/apple-app-site-association
ask app-links http://127.0.0.1/.well-known/assetlinks.json
ask slash 'http://127.0.0.1/my%20room/?jwt=x'
ask slashes --path-as-is 'http://127.0.0.1/%5Cevil.example%0d/'
nginx -s quit
until ! curl -sf -o /dev/null http://127.0.0.1/convoke/health/edge; do sleep 0.05; done
ask edge-without-web http://127.0.0.1/convoke/health/edge
kill $(pidof haproxy)
`;

/** Spellings that nginx would treat as `/convoke/health/shard` or `/http-bind`. */
const OTHER_SPELLINGS = {
  400: [
    '//convoke/health/shard',
    '/convoke//health/shard',
    '/./convoke/health/shard',
    '/x/../convoke/health/shard',
    '/x/%2e%2E/convoke/health/shard',
    '/x%2F..%2Fconvoke%2Fhealth%2Fshard',
    '/x/.%2E/http-bind?room=x',
    '//http-bind?room=x',
    '//x/standup',
    '//[x',
    '/%00/http-bind?room=x',
    '/%0a/http-bind?room=x',
    '/%zz/http-bind?room=x',
    '/http-bind?room=x&room=y',
    '/http-bind?room=x;room=y',
    '/http-bind?room=x&roo%6d=y',
    '/http-bind?room=x&prefix=team',
    '/team/xmpp-websocket?prefix=other&room=x',
    '/config.js?room=x&room=y',
  ],
  404: ['/%63onvoke/health/shard', '/convoke%2Fhealth%2Fshard', '/convoke/health/web', '/convoke/'],
};

/** Whether the first segment of a path is a tenant. */
const FIRST_PARTS: Readonly<Record<string, boolean>> = {
  team: true,
  'Team.X': true,
  a_b: true,
  'a-b': true,
  9: true,
  ['x'.repeat(63)]: true,
  ['x'.repeat(64)]: false,
  't%C3%A4st': false,
  _x: false,
  'my%20team': false,
  '-x': false,
  'x-': false,
  'a%22b%27%3C': false,
  '%5Bx': false,
  'http-bind': false,
  'xmpp-websocket': false,
  'conference-request': false,
  libs: false,
  'config.js': false,
};
const OF_A_SHARD = ['config.js', 'http-bind', 'xmpp-websocket'];
const TENANTS = Object.keys(FIRST_PARTS)
  .map((first) =>
    [`${first}/standup`, ...OF_A_SHARD.map((path) => `${first}/${path}?room=x`)]
      .map((path) => `ask '/${path}' 'http://127.0.0.1/${path}'`)
      .join('\n'),
  )
  .join('\n');

const FULL = 'x'.repeat(8192);
const LONG = `
ask full-page 'http://127.0.0.1/room?jwt=${FULL}'
ask full-bosh 'http://127.0.0.1/http-bind?room=x&token=${FULL}'
ask full-request -X POST -d '{}' -H 'Authorization: Bearer ${FULL}' 'http://127.0.0.1/conference-request/v1?room=x'
ask longer-page 'http://127.0.0.1/room?jwt=${'x'.repeat(13_000)}'
`;
const SPELLED = Object.values(OTHER_SPELLINGS)
  .flat()
  .map((path) => `ask '${path}' -g --path-as-is 'http://127.0.0.1${path}'`)
  .join('\n');

let answers: Map<string, string>;
beforeAll(async () => {
  const facts = sampleFacts({
    spec: {
      meetings: MeetingSettings.parse({ title: 'Bäume & <Gärten>', privacy: 'https://example.org/privacy' }),
      logo: { bucket: 'bucket', key: 'key', type: 'svg' },
    },
  });
  const { stdout } = await inDebian(render(facts), [PLACE, SPELLED, TENANTS, LONG, ASK].join('\n'));
  answers = new Map(
    stdout
      .split('##### ')
      .slice(1)
      .map((part) => [part.split('\n')[0] ?? '', part.slice(part.indexOf('\n') + 1)]),
  );
}, 300_000);

const answer = (name: string): string => answers.get(name) ?? 'no answer';
const status = (name: string): string => answer(name).slice(9, 12);
const json = (name: string): Record<string, unknown> => JSON.parse(answer(name).split('\r\n\r\n')[1] ?? '');

describe('the edge and the web server of a shard', () => {
  it.each(['page', 'room', 'tenant-room'])('serve the page with its configuration (%s)', (name) => {
    expect(answer(name)).toContain('the page');
    expect(answer(name)).toContain('wss://meet.example.org/');
    expect(answer(name)).toContain('cache-control: no-cache');
  });

  it.each(['page', 'room', 'tenant-room'])(
    'put the user’s title and privacy notice into the page (%s)',
    (name) => {
      expect(answer(name)).toContain('<title>Bäume &#38; &#60;Gärten&#62;</title>');
      expect(answer(name)).not.toContain('of the package');
      expect(answer(name)).toContain('https://example.org/privacy');
      expect(answer(name)).not.toContain('<!--#');
    },
  );

  it('extend the interface configuration of the package, which is not served separately', () => {
    for (const name of ['page', 'interface']) {
      expect(answer(name), name).toContain('FROM_THE_PACKAGE');
      expect(answer(name), name).toContain('"APP_NAME": "Bäume \\u0026 \\u003cGärten\\u003e"');
    }
    expect(status('packaged-interface')).toBe('404');
  });

  it.each(['logo', 'tenant-logo'])('serve a logo that cannot run scripts (%s)', (name) => {
    expect(status(name)).toBe('200');
    expect(answer(name)).toContain('content-type: image/svg+xml');
    expect(answer(name)).toMatch(/content-security-policy: default-src 'none'.* sandbox/);
    expect(answer(name)).toContain('x-content-type-options: nosniff');
  });

  it('put the tenant into the configuration, escaped', () => {
    expect(answer('config')).toContain("var tenant = '';");
    expect(answer('tenant-config')).toContain("var tenant = 'team.x';");
    expect(answer('tenant-room')).toContain("var tenant = 'team';");
  });

  it.each(Object.entries(FIRST_PARTS))('agree on which names are tenants (%s)', (first, isTenant) => {
    const room = answer(`/${first}/standup`);
    expect(room.includes('the page')).toBe(isTenant);
    expect(room.includes(`var tenant = '${first}';`)).toBe(isTenant);
    if (!isTenant) expect(status(`/${first}/standup`)).toBe('404');
    for (const path of OF_A_SHARD) {
      const name = `/${first}/${path}?room=x`;
      expect(status(name), path).toBe(isTenant ? '200' : '404');
      expect(answer(name).includes('x-jitsi-shard'), path).toBe(isTenant);
    }
  });

  it('say which tenants are valid', () => {
    for (const first of ['t%C3%A4st', '_x', 'my%20team', 'http-bind', 'x'.repeat(64)]) {
      expect(answer(`/${first}/standup`)).toContain('There is no meeting at this address.');
      expect(answer(`/${first}/standup`)).toContain("content-security-policy: default-src 'none'");
    }
    expect(answer('//x/standup')).toContain('This address cannot be read.');
    expect(answer('//[x')).toContain('This address cannot be read.');
  });

  it('ignore a trailing slash', () => {
    expect(status('slash')).toBe('302');
    expect(answer('slash')).toContain('location: /my%20room?jwt=x\r\n');
    expect(answer('slashes')).not.toContain('\r\nlocation: /\\');
  });

  it('accept a token of 8 KB on every path', () => {
    expect(answer('full-page')).toContain('the page');
    expect(json('full-bosh').url).toContain(FULL);
    expect(json('full-request')).toMatchObject({ port: 8104 });
  });

  it('say on a page that an address is too long', () => {
    expect(status('longer-page')).toBe('414');
    expect(answer('longer-page')).toContain('This address is too long.');
  });

  it('name the shard only in responses of a shard', () => {
    for (const name of ['config', 'bosh', 'request', 'websocket'])
      expect(answer(name), name).toContain('x-jitsi-shard: a');
    for (const name of ['page', 'library']) expect(answer(name), name).not.toContain('x-jitsi-shard');
  });

  it('pass the host and the participant’s address from the load balancer to Prosody', () => {
    expect(json('bosh')).toEqual({
      port: 5280,
      url: '/http-bind?prefix=&room=x',
      host: 'meet.example.org',
      client: '198.51.100.7',
      scheme: 'https',
      network: '198.51.100.7',
    });
    expect(json('tenant-bosh').url).toBe('/http-bind?prefix=team&room=x');
  });

  it('pass conference requests to the agent, with what only nginx knows', () => {
    expect(json('request')).toMatchObject({
      port: 8104,
      url: '/conference?room=x',
      original: '/conference-request/v1?room=x',
      network: '198.51.100.7',
    });
    expect(json('tenant-request')).toMatchObject({ port: 8104, tenant: 'team.x' });
    expect(status('request-by-get')).toBe('405');
  });

  it.each([
    ['request', '198.51.100.7'],
    ['request-by-ipv6', '2001:db8:1:2::'],
    ['request-without-address', '127.0.0.1'],
    ['request-naming-a-network', '198.51.100.7'],
  ])('name the network of each request themselves (%s)', (name, network) => {
    expect(json(name).network).toBe(network);
  });

  it('pass WebSockets', () => {
    expect(status('websocket')).toBe('101');
    expect(answer('websocket')).toContain('hello');
  });

  it('let browsers cache files with a version, and return 404 for missing files', () => {
    expect(answer('library')).toContain('cache-control: max-age=31536000');
    expect(answer('tenant-library')).toContain('cache-control: max-age=3600');
    expect(status('missing')).toBe('404');
  });

  it('do not treat automatic requests of browsers and robots as rooms', () => {
    for (const name of ['sitemap', 'favicon', 'tenant-favicon', 'app-link', 'app-links'])
      expect(status(name), name).toBe('404');
    for (const name of ['robots', 'tenant-robots']) expect(answer(name), name).toContain('Disallow: /');
  });

  it('return a complete page for a missing file', () => {
    expect(answer('missing')).toContain('<title>Bäume');
    expect(answer('missing')).not.toContain('<!--#');
  });

  it('have browsers revalidate the files with which other sites embed meetings', () => {
    expect(answer('external-api')).toContain('the api');
    expect(answer('external-api')).toContain('cache-control: no-cache');
    expect(answer('external-api')).toContain('cross-origin-resource-policy: cross-origin');
    expect(answer('config')).toContain('cross-origin-resource-policy: same-origin');
  });

  it('let the page load from this domain, and other sites embed it', () => {
    for (const name of ['page', 'room', 'tenant-room']) {
      expect(answer(name)).toMatch(/content-security-policy: default-src 'self'; .*object-src 'none'/);
      expect(answer(name)).toContain('wss://meet.example.org');
      expect(answer(name)).not.toContain('frame-ancestors');
      expect(answer(name)).toContain('permissions-policy: ');
    }
  });

  it.each(['page', 'config', 'library', 'missing'])('send the security headers (%s)', (name) => {
    expect(answer(name)).toContain('x-content-type-options: nosniff');
    expect(answer(name)).toContain('referrer-policy: strict-origin-when-cross-origin');
    expect(answer(name)).toContain('strict-transport-security: max-age=31536000');
  });

  it.each(['agent', 'shard'])('hide internal endpoints of machines from the internet (%s)', (name) => {
    expect(status(name)).toBe('404');
  });

  it.each(
    Object.entries(OTHER_SPELLINGS).flatMap(([status, paths]) =>
      paths.map((path) => [path, status] as const),
    ),
  )('answer %s with %s', (path, expected) => {
    expect(status(path)).toBe(expected);
  });

  it('hide the health from participants even behind the edge', () => {
    expect(status('past-the-edge')).toBe('404');
  });

  it('treat all encodings of a path alike', () => {
    expect(json('encoded-bosh')).toMatchObject({ url: json('tenant-bosh').url });
    expect(answer('encoded-room')).toContain('the page');
  });

  it('are healthy only while the web server runs', () => {
    expect(status('edge')).toBe('200');
    expect(status('edge-without-web')).toBe('503');
  });
});
