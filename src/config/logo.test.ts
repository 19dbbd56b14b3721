import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { examineLogo } from './logo.js';

const folder = mkdtempSync(join(tmpdir(), 'convoke-logo-'));
afterAll(() => rmSync(folder, { recursive: true }));

function examine(content: string | Buffer): ReturnType<typeof examineLogo> {
  const path = join(folder, 'logo');
  writeFileSync(path, content);
  return examineLogo(path);
}

const svg = (inside: string, attributes = ''): string =>
  `<?xml version="1.0"?>\n<!-- drawn by hand -->\n<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inside}</svg>`;

describe('a logo', () => {
  it('is a PNG by its first bytes, whatever its name', () => {
    expect(examine(Buffer.from('89504e470d0a1a0a0000', 'hex'))).toEqual({ type: 'png' });
  });

  it('is an SVG that is only a picture', () => {
    const picture = svg(
      '<style>.a{fill:url(#g)}</style><defs><linearGradient id="g"/></defs><use href="#g"/><image href="data:image/png;base64,AA=="/><text>concerts on stage = good</text>',
    );
    expect(examine(picture)).toEqual({ type: 'svg' });
    expect(examine(`<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">${svg('<g/>')}`)).toMatchObject({
      type: 'svg',
    });
  });

  it.each([
    ['a script', svg('<script>alert(1)</script>'), /a script/],
    ['a script with a prefix', svg('<svg:script xmlns:svg="x"/>'), /a script/],
    ['an event handler', svg('<g/>', 'onload="alert(1)"'), /an event handler/],
    ['an event handler after a slash', svg('<g/onclick=alert(1)>'), /an event handler/],
    ['a link that is a script', svg('<a href="JavaScript:alert(1)"/>'), /script in a link/],
    ['another document', svg('<foreignObject><p/></foreignObject>'), /foreign document/],
    ['an entity', `<!DOCTYPE svg [<!ENTITY x "y">]>${svg('&x;')}`, /neither|entity/],
    ['a picture from elsewhere', svg('<image href="https://example.net/x.png"/>'), /external link/],
    ['a style from elsewhere', svg('<style>@import "//example.net"</style>'), /external resource/],
  ])('may not hold %s', (_, content, complaint) => {
    expect(examine(content)).toEqual({ complaint: expect.stringMatching(complaint) });
  });

  it.each([
    ['text', 'hello'],
    ['a page', '<html><svg></svg></html>'],
    ['bytes that are not text', Buffer.from([0x3c, 0x73, 0xff, 0xfe])],
    ['a JPEG', Buffer.from('ffd8ffe000104a464946', 'hex')],
  ])('is not %s', (_, content) => {
    expect(examine(content)).toEqual({ complaint: 'is neither a PNG nor an SVG image' });
  });

  it('has a maximum size', () => {
    expect(examine(Buffer.alloc(200_001))).toEqual({ complaint: expect.stringContaining('200001 bytes') });
  });

  it('is a file', () => {
    expect(examineLogo(join(folder, 'none'))).toEqual({
      complaint: expect.stringContaining('cannot be read'),
    });
    expect(examineLogo(folder)).toHaveProperty('complaint');
  });
});
