import fc from 'fast-check';
import type { Target } from './task.js';

/**
 * Inputs with the structure of real ones, so that they pass the first checks: valid XML and JSON with unusual names, depths and
 * values, and the same with a part removed, doubled or replaced.
 */

const LONG = 3_000;

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    '%00',
    '%ff',
    '%25',
    '&a;',
    ']]>',
    '<!--',
    '../',
    '//',
    '@',
    '@/',
    '\\"',
    '\u202e',
  ),
  fc.integer().map(String),
  fc
    .constantFrom('a', 'é', '<x>', '%', '"')
    .chain((one) => fc.integer({ min: 1, max: LONG }).map((n) => one.repeat(n))),
);

/** Lone surrogates cannot be encoded. */
export const wellFormed = (value: string): string => value.replace(/\p{Cs}/gu, '\ufffd');

const escaped = (value: string): string => value.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);

const NAMESPACES = [
  'http://jabber.org/protocol/httpbind',
  'jabber:client',
  'urn:ietf:params:xml:ns:xmpp-framing',
  'urn:ietf:params:xml:ns:xmpp-sasl',
  'urn:ietf:params:xml:ns:xmpp-bind',
  'http://jabber.org/protocol/muc',
  'http://jabber.org/protocol/muc#owner',
  'http://jabber.org/protocol/disco#info',
  'http://jitsi.org/jitmeet',
  'urn:xmpp:jingle:1',
  'urn:xmpp:sm:3',
  'urn:xmpp:extdisco:2',
];
const NAMES = [
  'body',
  'open',
  'close',
  'auth',
  'iq',
  'presence',
  'message',
  'query',
  'x',
  'bind',
  'jingle',
  'r',
  'a',
  'enable',
  'resume',
  'services',
  'breakout_rooms',
  'item',
];
const ATTRIBUTES = [
  'to',
  'from',
  'type',
  'id',
  'xmlns',
  'xml:lang',
  'rid',
  'sid',
  'hold',
  'wait',
  'ver',
  'h',
  'previd',
  'mechanism',
  'node',
  'xmlns:a',
  'a:b',
];

/** Addresses that a participant may send to, and some that it may not. */
const addresses = ({ domain, room }: Target): string[] => [
  domain,
  `${room}@conference.${domain}`,
  `${room}@conference.${domain}/focus`,
  `${room}@lobby.${domain}`,
  `innocents@conference.${domain}`,
  `focus@auth.${domain}`,
  `focus.${domain}`,
  `breakout.${domain}`,
  `speakerstats.${domain}`,
  `x@y@${domain}/z`,
];

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Node | string)[];
}

const node = (target: Target): fc.Arbitrary<Node> => {
  const value = fc.oneof(
    text,
    fc.constantFrom(
      ...NAMESPACES,
      ...addresses(target),
      'get',
      'set',
      'result',
      'error',
      'groupchat',
      'unavailable',
      '1',
      '60',
    ),
  );
  const attributes = fc.dictionary(fc.constantFrom(...ATTRIBUTES), value, { maxKeys: 6 });
  const { one } = fc.letrec<{ one: Node }>((tie) => ({
    one: fc.record({
      name: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...NAMES) },
        fc.stringMatching(/^[a-z][a-z:]{0,40}$/),
      ),
      attributes,
      children: fc.array(fc.oneof({ depthSize: 'medium', withCrossShrink: true }, text, tie('one')), {
        maxLength: 6,
      }),
    }),
  }));
  return one;
};

const write = ({ name, attributes, children }: Node): string => {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  const inner = children.map((child) => (typeof child === 'string' ? escaped(child) : write(child)));
  return `<${name}${given.join('')}>${inner.join('')}</${name}>`;
};

/** An element nested in itself many times, sometimes without end tags. */
const nested = fc
  .record({
    name: fc.constantFrom(...NAMES),
    depth: fc.integer({ min: 1, max: 5_000 }),
    closed: fc.boolean(),
  })
  .map(({ name, depth, closed }) => `<${name}>`.repeat(depth) + (closed ? `</${name}>`.repeat(depth) : ''));

/** Removes, doubles or replaces a part of a text in half of the cases. */
const damaged = (whole: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 2, arbitrary: whole },
    fc
      .tuple(whole, fc.nat(), fc.nat(200), fc.oneof(fc.constant(''), text))
      .map(([input, where, length, by]) => {
        const at = where % (input.length + 1);
        return input.slice(0, at) + by + input.slice(at + length);
      }),
    fc.tuple(whole, fc.integer({ min: 2, max: 5 })).map(([input, times]) => input.repeat(times)),
  );

/** The first in nine of ten cases, because others would be refused immediately. */
const mostly = (usual: string, ...others: string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));

/** The bytes of an HTTP request. */
const request = (
  method: string,
  path: string,
  headers: readonly (readonly [string, string])[],
  body = '',
): Buffer => {
  const bytes = Buffer.from(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${bytes.length}`,
    'Connection: close',
  ];
  // Characters that no client can send would only close the connection.
  const head = lines.map((line) => line.replace(/[\r\n]/g, '')).join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), bytes]);
};

const host = ({ domain }: Target): [string, string] => ['Host', domain];

const rooms = ({ domain, room }: Target): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(room) },
    fc.constantFrom(
      'innocents',
      `${room}@breakout.${domain}`,
      room.toUpperCase(),
      encodeURIComponent('grüße 1'),
    ),
    text,
  );

const query = (target: Target): fc.Arbitrary<string> =>
  fc
    .tuple(rooms(target), fc.constantFrom(target.token, `${target.token}x`, ''), fc.boolean())
    .map(
      ([room, token, plain]) =>
        `room=${plain ? room.replace(/\s/g, '+') : encodeURIComponent(wellFormed(room))}${token && `&token=${token}`}`,
    );

const bosh = (target: Target): fc.Arbitrary<Buffer> => {
  const opening = fc
    .tuple(fc.integer(), fc.oneof(fc.constant(target.domain), text))
    .map(
      ([rid, to]) =>
        `<body xmlns="http://jabber.org/protocol/httpbind" xmlns:xmpp="urn:xmpp:xbosh" xmpp:version="1.0" hold="1" wait="5" ver="1.6" rid="${rid}" to="${escaped(to)}"/>`,
    );
  const carrying = node(target).map(
    (inner) => `<body xmlns="http://jabber.org/protocol/httpbind" rid="1" sid="x">${write(inner)}</body>`,
  );
  const bodies = damaged(fc.oneof(opening, carrying, node(target).map(write), nested));
  return fc
    .tuple(query(target), bodies)
    .map(([asked, body]) =>
      request('POST', `/http-bind?${asked}`, [host(target), ['Content-Type', 'text/xml']], body),
    );
};

const conference = (target: Target): fc.Arbitrary<Buffer> => {
  const jid = rooms(target).chain((room) =>
    fc.constantFrom(
      ...['conference', 'breakout', 'lobby', 'auth'].map((part) => `${room}@${part}.${target.domain}`),
      room,
    ),
  );
  const right = fc
    .dictionary(text, text, { maxKeys: 3 })
    .map((properties) => JSON.stringify({ room: `${target.room}@conference.${target.domain}`, properties }));
  const bodies = fc.oneof(
    { weight: 3, arbitrary: right },
    fc
      .record(
        {
          room: fc.oneof(jid, fc.jsonValue()),
          machineUid: text,
          properties: fc.dictionary(text, fc.oneof(text, fc.jsonValue())),
          token: text,
        },
        { requiredKeys: ['room'] },
      )
      .map((value) => JSON.stringify(value)),
    fc.tuple(jid, jid).map(([a, b]) => `{"room":${JSON.stringify(a)},"room":${JSON.stringify(b)}}`),
    fc.integer({ min: 1, max: 9_000 }).map((depth) => '['.repeat(depth)),
  );
  const types = mostly(
    'application/json',
    'application/json; charset=GBK',
    'application/json; charset=utf-16',
    'text/plain',
    'application/xml',
  );
  return fc
    .tuple(
      mostly('POST', 'GET', 'PUT', 'OPTIONS'),
      query(target),
      fc.constantFrom(target.token, 'x.y.z', ''),
      types,
      damaged(bodies),
    )
    .map(([method, asked, token, type, body]) =>
      request(
        method,
        `/conference-request/v1?${asked}`,
        [host(target), ['Content-Type', type], ['Authorization', `Bearer ${token}`]],
        body,
      ),
    );
};

const page = (target: Target): fc.Arbitrary<Buffer> => {
  const part = fc.oneof(
    fc.constantFrom(
      '',
      '.',
      '..',
      '%2e%2e',
      '%2F',
      'convoke',
      '%63onvoke',
      'health',
      'shard',
      'libs',
      'static',
      'config.js',
      'http-bind',
      'conference-request',
      'v1',
      'debug',
      'stats',
      'pin',
      target.room,
      'favicon.ico',
      'external_api.js',
    ),
    text.map((one) => encodeURIComponent(wellFormed(one))),
    text.map((one) => one.replace(/[\s\0]/g, '')),
  );
  const header = fc.tuple(
    fc.constantFrom(
      'Range',
      'Accept-Encoding',
      'If-None-Match',
      'Upgrade',
      'X-Forwarded-For',
      'X-Original-URI',
      'Cookie',
      'Transfer-Encoding',
      'Content-Type',
    ),
    text,
  );
  return fc
    .tuple(
      mostly('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'X'),
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.oneof(fc.constant(''), query(target)),
      fc.array(header, { maxLength: 4 }),
    )
    .map(([method, parts, asked, headers]) =>
      request(method, `/${parts.join('/')}${asked && `?${asked}&jwt=${target.token}`}`, [
        host(target),
        ...headers,
      ]),
    );
};

/** Input of a WebSocket: whether the participant logs in first, and texts, one per frame. */
export interface Conversation {
  readonly query: string;
  readonly login: boolean;
  readonly frames: readonly string[];
}

export const conversations = (target: Target): fc.Arbitrary<Conversation> =>
  fc.record({
    query: query(target),
    login: fc.boolean(),
    frames: fc.array(damaged(fc.oneof({ weight: 4, arbitrary: node(target).map(write) }, nested)), {
      minLength: 1,
      maxLength: 12,
    }),
  });

/** Requests of the HTTP channels. */
export const requests = { bosh, conference, page } as const;
