import { readFileSync, statSync } from 'node:fs';

export type LogoType = 'png' | 'svg';

/** Each participant loads it before anything is seen. */
const MOST_BYTES = 200_000;

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * What makes an SVG more than a picture: programs, documents of other kinds, entities, and whatever is loaded from
 * elsewhere. Browsers run none of it in a picture, and nginx forbids it too; a file that has it is still not a logo.
 */
const MORE_THAN_A_PICTURE: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /<\s*(?:\w+:)?script\b/i, what: 'a script' },
  { pattern: /[\s"'/]on[a-z]+\s*=/i, what: 'an event handler' },
  { pattern: /(?:java|vb)script\s*:/i, what: 'a script in a link' },
  { pattern: /<\s*(?:\w+:)?(?:foreignObject|iframe|embed|object)\b/i, what: 'a foreign document' },
  { pattern: /<!\s*(?:ENTITY|DOCTYPE[^>]*\[)/i, what: 'an entity' },
  { pattern: /href\s*=\s*["']?\s*(?!["'#]|data:image\/)[^\s"'>]/i, what: 'a link to elsewhere' },
  {
    pattern: /@import|url\(\s*["']?\s*(?!["'#]|data:image\/)[^\s"')]/i,
    what: 'something loaded from elsewhere',
  },
];

/** Looks whether a file is a logo: of which type, or what is wrong with it, in a sentence that goes on after its name. */
export function examineLogo(path: string): { readonly type: LogoType } | { readonly complaint: string } {
  let bytes: Buffer;
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES)
      return { complaint: `has ${size} bytes; a logo has ${MOST_BYTES} at most, because everybody loads it` };
    bytes = readFileSync(path);
  } catch {
    return { complaint: 'is not a file that can be read' };
  }
  if (bytes.subarray(0, PNG.length).equals(PNG)) return { type: 'png' };
  const text = utf8(bytes);
  if (
    text === undefined ||
    !/^\uFEFF?\s*(?:<\?xml[^>]*>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*>|\s)*<(?:\w+:)?svg\b/i.test(text)
  )
    return { complaint: 'is neither a PNG nor an SVG picture' };
  const found = MORE_THAN_A_PICTURE.find(({ pattern }) => pattern.test(text));
  return found
    ? { complaint: `holds ${found.what}; a logo must be a picture and nothing else` }
    : { type: 'svg' };
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
