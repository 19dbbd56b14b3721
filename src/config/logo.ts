import { readFileSync } from 'node:fs';
import { examineFile } from './examine-file.js';

export type LogoType = 'png' | 'svg';

/** Every participant loads the logo before the page is shown. */
const MOST_BYTES = 200_000;

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Parts of an SVG that are not an image: scripts, foreign documents, entities, and external resources. Browsers run
 * none of them in an image, and nginx's Content-Security-Policy forbids them too; these checks are an additional
 * safeguard.
 */
const MORE_THAN_A_PICTURE: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /<\s*(?:\w+:)?script\b/i, what: 'a script' },
  { pattern: /[\s"'/]on[a-z]+\s*=/i, what: 'an event handler' },
  { pattern: /(?:java|vb)script\s*:/i, what: 'a script in a link' },
  { pattern: /<\s*(?:\w+:)?(?:foreignObject|iframe|embed|object)\b/i, what: 'a foreign document' },
  { pattern: /<!\s*(?:ENTITY|DOCTYPE[^>]*\[)/i, what: 'an entity' },
  { pattern: /href\s*=\s*["']?\s*(?!["'#]|data:image\/)[^\s"'>]/i, what: 'an external link' },
  {
    pattern: /@import|url\(\s*["']?\s*(?!["'#]|data:image\/)[^\s"')]/i,
    what: 'an external resource',
  },
];

/** Checks whether a file is a logo. Returns its type, or what is wrong with it as a clause that follows its name. */
export function examineLogo(path: string): { readonly type: LogoType } | { readonly complaint: string } {
  let bytes: Buffer;
  try {
    const file = examineFile(path);
    if ('complaint' in file) return file;
    if (file.size > MOST_BYTES)
      return {
        complaint: `has ${file.size} bytes; the limit is ${MOST_BYTES}, because every participant loads it`,
      };
    bytes = readFileSync(path);
  } catch {
    return { complaint: 'cannot be read' };
  }
  if (bytes.subarray(0, PNG.length).equals(PNG)) return { type: 'png' };
  const text = utf8(bytes);
  if (
    text === undefined ||
    !/^\uFEFF?\s*(?:<\?xml[^>]*>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*>|\s)*<(?:\w+:)?svg\b/i.test(text)
  )
    return { complaint: 'is neither a PNG nor an SVG image' };
  const found = MORE_THAN_A_PICTURE.find(({ pattern }) => pattern.test(text));
  return found ? { complaint: `contains ${found.what}; a logo must be only an image` } : { type: 'svg' };
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
