import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { haproxy, hocon, html, js, lua, nginx, systemd } from './quoting.js';

const NASTY = [
  'plain',
  '"; os.execute("id") --',
  "'; alert(1); '",
  'back\\slash\\',
  '${HOME} $(id) `id` %h',
  '</script><!--# include virtual="/x" -->',
  'é ∑ \u2028 \u{1f600}',
];

describe('lua', () => {
  it('escapes what ends a string', () => {
    expect(lua('a"b\\c')).toBe('"a\\"b\\\\c"');
  });

  it('writes bytes outside printable ASCII as three digits, so that a digit may follow', () => {
    expect(lua('\n1é')).toBe('"\\0101\\195\\169"');
  });

  it.each(NASTY)('leaves no unescaped quote in %j', (text) => {
    expect(lua(text)).toMatch(/^"(?:[^"\\\n]|\\.)*"$/);
  });
});

describe('hocon', () => {
  it.each(NASTY)('is read back as %j', (text) => {
    expect(JSON.parse(hocon(text))).toBe(text);
  });
});

describe('js', () => {
  it.each(NASTY)('is read back as %j', (text) => {
    expect(runInNewContext(js(text))).toBe(text);
  });

  it('can neither end a script element nor start a server-side include', () => {
    expect(js({ '</script>': '<!--#' })).not.toMatch(/[<>]/);
  });
});

describe('html', () => {
  it.each(NASTY)('leaves nothing in %j that a browser or nginx would parse as markup', (text) => {
    const written = html(text);
    expect(written).not.toMatch(/[<>"']/);
    expect(written.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))).toBe(text);
  });
});

describe('nginx', () => {
  it('escapes quotes and backslashes', () => {
    expect(nginx('a"b\\')).toBe('"a\\"b\\\\"');
  });

  it.each(['$host', 'a\nb', 'a\u0000'])('refuses %j, which nginx cannot quote', (text) => {
    expect(() => nginx(text)).toThrow(/cannot be written in nginx/);
  });
});

describe('haproxy', () => {
  it('closes and reopens the quotes around a quote', () => {
    expect(haproxy("a'b")).toBe("'a'\\''b'");
  });

  it('leaves variables and backslashes unchanged, as single quotes do', () => {
    expect(haproxy('$HOME \\x')).toBe("'$HOME \\x'");
  });

  it('refuses a line break', () => {
    expect(() => haproxy('a\nb')).toThrow(/cannot be written in HAProxy/);
  });
});

describe('systemd', () => {
  it('escapes quotes, backslashes and specifiers', () => {
    expect(systemd('A="%h\\')).toBe('"A=\\"%%h\\\\"');
  });

  it('refuses a line break', () => {
    expect(() => systemd('a\nExecStart=/bin/id')).toThrow(/cannot be written in systemd/);
  });
});
