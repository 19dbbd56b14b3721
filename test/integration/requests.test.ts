import { beforeAll, describe, expect, it } from 'vitest';
import { render } from '../../src/node/render/index.js';
import { sampleFacts } from '../sample-facts.js';
import { bundled } from './bundle.js';
import { inDebian } from './debian-root.js';
import type { Answer, Plan } from './requests-program.js';
import { answersIn, file } from './shard.js';

/** Requests that HAProxy, nginx and Prosody could read differently, as no browser and no load balancer sends them. */

const BASIC = ['Host: meet.example.org', 'X-Forwarded-For: 198.51.100.66, 198.51.100.7'];
const NETWORK = '198.51.100.7';
/** Would be answered with 404 or 200, and received, if it were a request of its own. */
const SECOND = 'GET /http-bind?room=second HTTP/1.1\r\nHost: x\r\n\r\n';

const request = (line: string, headers: readonly string[] = [], body = ''): string =>
  `${[line, ...BASIC, ...headers].join('\r\n')}\r\n\r\n${body}`;
const post = (headers: readonly string[], body: string) =>
  request('POST /http-bind?room=first HTTP/1.1', headers, body);
const get = (path: string, ...headers: string[]) => request(`GET ${path} HTTP/1.1`, headers);
const CHUNKED = 'Transfer-Encoding: chunked';
const length = (of: string | number) => `Content-Length: ${typeof of === 'string' ? of.length : of}`;

/** Refused with this status, and nothing is received. */
const REFUSED: Readonly<Record<string, readonly [string, string]>> = {
  'a transfer coding that is not one': ['400', post([length(SECOND), 'Transfer-Encoding: xchunked'], SECOND)],
  'a space before the colon': ['400', post([length(SECOND), 'Transfer-Encoding : chunked'], SECOND)],
  'two transfer codings': ['400', post([CHUNKED, 'Transfer-Encoding: identity'], `0\r\n\r\n${SECOND}`)],
  'chunked twice': ['400', post(['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n')],
  'two lengths': ['400', post([length(0), length(SECOND)], SECOND)],
  'a length with a sign': ['400', post(['Content-Length: +3'], 'abc')],
  'a length beyond numbers': ['400', post(['Content-Length: 99999999999999999999'], 'abc')],
  'a chunk that ends at LF': ['400', post([CHUNKED], '3\nabc\n0\n\n')],
  'a chunk extension that ends at LF': ['400', post([CHUNKED], '3;\nxx;abc\r\n0\r\n\r\n')],
  'a chunk with 0x': ['400', post([CHUNKED], '0x3\r\nabc\r\n0\r\n\r\n')],
  'a chunk beyond numbers': ['400', post([CHUNKED], '10000000000000003\r\nabc\r\n0\r\n\r\n')],
  'chunks in HTTP/1.0': [
    '400',
    request('POST /http-bind?room=first HTTP/1.0', [CHUNKED, 'Connection: keep-alive'], '0\r\n\r\n'),
  ],
  'two hosts': ['400', get('/http-bind?room=first', 'Host: example.net')],
  'another host in the address': ['400', get('http://example.net/http-bind?room=first')],
  'a header with CR': ['400', get('/http-bind?room=first', 'A: b\rX-Convoke-Network: 192.0.2.1')],
  'a header with a zero byte': ['400', get('/http-bind?room=first', 'A: b\0c')],
  'an address without a path': ['400', request('OPTIONS * HTTP/1.1')],
  'a tunnel': ['400', 'CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: 169.254.169.254:80\r\n\r\n'],
  'no version': ['400', 'GET /http-bind?room=first\r\n'],
  'HTTP/2': ['400', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'],
  'a path that leads to another site': ['400', get('/%5Cexample.net/')],
  'the same, unencoded': ['400', get('/\\example.net/')],
  'a path with two readings': ['400', get('/x/..\\convoke/health/shard')],
};

/** Read as one request with this body, whatever follows. */
const ACCEPTED: Readonly<Record<string, readonly [string, string]>> = {
  'a length and chunks': ['', post([length(`0\r\n\r\n${SECOND}`), CHUNKED], `0\r\n\r\n${SECOND}`)],
  'a length that is too short for the chunks': [
    SECOND,
    post([length(4), CHUNKED], `${SECOND.length.toString(16)}\r\n${SECOND}\r\n0\r\n\r\n`),
  ],
  'the same length twice': ['abc', post([length(3), length(3)], 'abc')],
  'a body of GET': [SECOND, request('GET /http-bind?room=first HTTP/1.1', [length(SECOND)], SECOND)],
  'a chunk extension': ['abc', post([CHUNKED], '3;a=b\r\nabc\r\n0\r\n\r\n')],
  trailers: ['abc', post([CHUNKED], '3\r\nabc\r\n0\r\nX-Convoke-Network: 192.0.2.1\r\n\r\n')],
  'a network by the participant': ['', get('/http-bind?room=first', 'X-Convoke-Network: 192.0.2.1')],
  'a network with an underscore': ['', get('/http-bind?room=first', 'X_Convoke_Network: 192.0.2.1')],
  'a region by the participant': ['', get('/http-bind?room=first', `X-Proxy-Region: ${'x'.repeat(5_000)}`)],
  'the network as a header of one hop': [
    '',
    get('/http-bind?room=first', 'Connection: close, X-Convoke-Network, X-Forwarded-For'),
  ],
  'a folded header': ['', get('/http-bind?room=first', 'A: b\r\n X-Convoke-Network: 192.0.2.1')],
  'HTTP/2 by Upgrade': [
    '',
    get(
      '/http-bind?room=first',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMA',
    ),
  ],
  'its own host in the address': ['', get('http://meet.example.org/http-bind?room=first')],
};

let answers: Readonly<Record<string, Answer>>;
beforeAll(async () => {
  const requests = Object.fromEntries(
    Object.entries({ ...REFUSED, ...ACCEPTED }).map(([name, [, text]]) => [name, text]),
  );
  const { all } = await inDebian(
    [
      ...render(sampleFacts()),
      file('/opt/test/program.mjs', await bundled(`import './test/integration/requests-program.ts';`)),
      file('/opt/test/plan.json', JSON.stringify({ requests } satisfies Plan)),
    ],
    `nginx; haproxy -D -f /etc/haproxy/haproxy.cfg
until curl -sf -o /dev/null http://127.0.0.1/convoke/health/edge; do sleep 0.05; done
node /opt/test/program.mjs </opt/test/plan.json`,
  );
  answers = answersIn(all);
}, 300_000);

describe('the edge', () => {
  it.each(Object.entries(REFUSED))('refuses %s', (name, [status]) => {
    expect(answers[name]).toEqual({ statuses: [status], location: '', received: [] });
  });

  it.each(Object.entries(ACCEPTED))('passes on %s as one request of the right network', (name, [body]) => {
    expect(answers[name]?.received.slice(0, 1)).toEqual([
      { url: expect.stringMatching(/^\/http-bind\?.*room=first$/), network: NETWORK, body, region: '' },
    ]);
    expect(answers[name]?.received).toHaveLength(1);
  });
});
