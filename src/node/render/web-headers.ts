import type { ShardFacts } from '../facts.js';
import { nginx as quoted } from './quoting.js';

const always = (headers: readonly string[]): string =>
  headers.map((header) => `add_header ${header} always;`).join(' ');

const EVERYWHERE = [
  'X-Content-Type-Options nosniff',
  'Referrer-Policy strict-origin-when-cross-origin',
  'Strict-Transport-Security "max-age=31536000"',
];

/** Repeated wherever a location has a header of its own, because nginx then forgets those of the server. */
export const HEADERS = always([...EVERYWHERE, 'Cross-Origin-Resource-Policy same-origin']);

/** Of what other sites load when they embed meetings. */
export const SHARED_HEADERS = always([
  ...EVERYWHERE,
  'Cross-Origin-Resource-Policy cross-origin',
  'Access-Control-Allow-Origin *',
]);

/**
 * Of the meeting page. The client has programs and styles in the page itself, which nginx puts together: a policy cannot name
 * them one by one. It starts workers from memory: for backgrounds and noise suppression, which are WebAssembly, and when its
 * shard has changed, to evaluate `config.js` anew. Pictures, sounds and connections come from this domain only: the client is
 * told to make no requests to third parties.
 */
export function pageHeaders({ spec }: ShardFacts): string {
  const { domain, meetings } = spec;
  const policy = [
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob: mediastream:",
    "font-src 'self' data:",
    `connect-src 'self' wss://${domain} data: blob:`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    ...framing(meetings.embedding),
  ];
  return always([
    ...EVERYWHERE,
    'Cross-Origin-Resource-Policy cross-origin',
    // A meeting that another site opened in a window of its own cannot be driven from there.
    'Cross-Origin-Opener-Policy same-origin-allow-popups',
    // What no meeting uses. Camera, microphone and screen are asked for by the browser, or allowed by the site that embeds.
    'Permissions-Policy "accelerometer=(), bluetooth=(), geolocation=(), gyroscope=(), magnetometer=(), midi=(), payment=(), serial=(), usb=()"',
    `Content-Security-Policy ${quoted(policy.join('; '))}`,
  ]);
}

function framing(embedding: ShardFacts['spec']['meetings']['embedding']): string[] {
  if (embedding === 'anywhere') return [];
  return [`frame-ancestors ${["'self'", ...(embedding === 'nowhere' ? [] : embedding)].join(' ')}`];
}
