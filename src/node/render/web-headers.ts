import type { ShardFacts } from '../facts.js';
import { nginx as quoted } from './quoting.js';

const always = (headers: readonly string[]): string =>
  headers.map((header) => `add_header ${header} always;`).join(' ');

const EVERYWHERE = [
  'X-Content-Type-Options nosniff',
  'Referrer-Policy strict-origin-when-cross-origin',
  'Strict-Transport-Security "max-age=31536000"',
];

/** Repeated in each location that has a header of its own, because nginx then drops the server's. */
export const HEADERS = always([...EVERYWHERE, 'Cross-Origin-Resource-Policy same-origin']);

/**
 * A site that isolates itself from others (COEP) can embed only pages that do the same. The page of a meeting loads
 * nothing from elsewhere, so this forbids it nothing. Its scripts need the header where they run as workers.
 */
const ISOLATED = 'Cross-Origin-Embedder-Policy require-corp';

/** For files that other sites load when they embed meetings. */
export const SHARED_HEADERS = always([
  ...EVERYWHERE,
  ISOLATED,
  'Cross-Origin-Resource-Policy cross-origin',
  'Access-Control-Allow-Origin *',
]);

/**
 * Headers of the meeting page. The client has inline scripts and styles, which nginx assembles, so a policy cannot
 * list them. It starts workers from blobs: for virtual backgrounds and noise suppression, which use WebAssembly, and
 * to evaluate `config.js` again after a change of shard. Images, sounds and connections come from this domain only:
 * the client is configured to make no third-party requests.
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
    ISOLATED,
    'Cross-Origin-Resource-Policy cross-origin',
    // A meeting that another site opened in a new window cannot be controlled from there.
    'Cross-Origin-Opener-Policy same-origin-allow-popups',
    // Features that meetings do not use. The browser prompts for camera, microphone and screen, or the embedding site
    // allows them.
    'Permissions-Policy "accelerometer=(), geolocation=(), gyroscope=(), magnetometer=(), midi=(), payment=(), serial=(), usb=()"',
    `Content-Security-Policy ${quoted(policy.join('; '))}`,
  ]);
}

function framing(embedding: ShardFacts['spec']['meetings']['embedding']): string[] {
  if (embedding === 'anywhere') return [];
  return [`frame-ancestors ${["'self'", ...(embedding === 'nowhere' ? [] : embedding)].join(' ')}`];
}
