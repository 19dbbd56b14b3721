/** Values of a HOCON file after merging. Durations, unquoted words and numbers with units stay text. */
export type Hocon = string | number | boolean | null | Hocon[] | { [key: string]: Hocon };
type HoconObject = { [key: string]: Hocon };

/**
 * Parses the subset of HOCON that Jitsi's configuration files use: a superset of JSON with comments, unquoted strings,
 * dotted paths, merged objects and `${?NAME}` from the environment. It refuses everything else, with the line, so that a
 * file that real Jitsi would refuse is refused here too.
 */
export function parseHocon(
  text: string,
  env: Readonly<Record<string, string | undefined>> = {},
): HoconObject {
  const reader = new Reader(text, env);
  const root = reader.object(reader.rootIsBraced());
  reader.end();
  return root;
}

/** The value at a dotted path, or undefined. */
export function valueAt(root: HoconObject, path: string): Hocon | undefined {
  let value: Hocon | undefined = root;
  for (const key of path.split('.')) {
    if (!isObject(value)) return undefined;
    value = value[key];
  }
  return value;
}

export function isObject(value: Hocon | undefined): value is HoconObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const UNQUOTED_END = /[\s{}[\]:=,#"'\\`^?!@*&$]/;

class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  rootIsBraced(): boolean {
    this.skip(true);
    return this.take('{');
  }

  object(braced: boolean): HoconObject {
    const result: HoconObject = {};
    for (;;) {
      this.skip(true);
      while (this.take(',')) this.skip(true);
      if (braced ? this.take('}') : this.at >= this.text.length) return result;
      if (this.at >= this.text.length) this.refuse('a "}" is missing');
      const path = this.path();
      this.skip(true);
      const append = this.text.startsWith('+=', this.at);
      if (append) this.at += 2;
      else if (this.peek() === '{') merge(result, path, undefined);
      else if (!this.take('=') && !this.take(':'))
        this.refuse(`"=", ":" or "{" is missing after "${path.join('.')}"`);
      this.skip(false);
      const value = this.value();
      if (append) appendTo(result, path, value);
      else if (value !== undefined) merge(result, path, value);
      this.separated(braced);
    }
  }

  end(): void {
    this.skip(true);
    if (this.at < this.text.length) this.refuse(`"${this.peek()}" is not expected here`);
  }

  private value(): Hocon | undefined {
    this.skip(true);
    if (this.take('{')) return this.object(true);
    if (this.take('[')) return this.array();
    return this.scalar();
  }

  private array(): Hocon[] {
    const result: Hocon[] = [];
    for (;;) {
      this.skip(true);
      while (this.take(',')) this.skip(true);
      if (this.take(']')) return result;
      if (this.at >= this.text.length) this.refuse('a "]" is missing');
      const value = this.value();
      if (value !== undefined) result.push(value);
    }
  }

  /** Words on one line are one string, as in `interval = 1 second`. */
  private scalar(): Hocon | undefined {
    const parts: { text: string; quoted: boolean }[] = [];
    let substituted: string | undefined | null = null;
    for (;;) {
      const spaceFrom = this.at;
      this.skip(false);
      const space = this.text.slice(spaceFrom, this.at);
      const next = this.peek();
      if (next === undefined || /[\n,}\]#]/.test(next) || this.text.startsWith('//', this.at)) break;
      if (parts.length > 0 && space) parts.push({ text: space, quoted: false });
      if (next === '"') parts.push({ text: this.quoted(), quoted: true });
      else if (this.text.startsWith('${', this.at)) {
        substituted = this.substitution();
        if (substituted !== undefined) parts.push({ text: substituted, quoted: false });
      } else parts.push({ text: this.word(), quoted: false });
    }
    if (parts.length === 0) {
      if (substituted === undefined) return undefined;
      this.refuse('a value is missing');
    }
    const text = parts.map((part) => part.text).join('');
    return parts.some((part) => part.quoted) ? text : literal(text);
  }

  private path(): string[] {
    const keys: string[] = [];
    for (;;) {
      if (this.peek() === '"') keys.push(this.quoted());
      else keys.push(...this.word().split('.').filter(Boolean));
      if (this.peek() === '.') this.at++;
      else if (this.peek() !== '"') return keys;
    }
  }

  private word(): string {
    const from = this.at;
    while (this.at < this.text.length && !UNQUOTED_END.test(this.text[this.at] ?? '')) {
      if (this.text.startsWith('//', this.at)) break;
      this.at++;
    }
    if (this.at === from) this.refuse(`"${this.peek()}" must be quoted`);
    return this.text.slice(from, this.at);
  }

  private quoted(): string {
    const triple = this.text.startsWith('"""', this.at);
    const mark = triple ? '"""' : '"';
    const from = this.at + mark.length;
    let to = from;
    for (;;) {
      if (to >= this.text.length || (!triple && this.text[to] === '\n'))
        this.refuse('a closing quote is missing');
      if (this.text.startsWith(mark, to)) break;
      to += !triple && this.text[to] === '\\' ? 2 : 1;
    }
    this.at = to + mark.length;
    const inner = this.text.slice(from, to);
    return triple ? inner : (JSON.parse(`"${inner}"`) as string);
  }

  private substitution(): string | undefined {
    const match = /^\$\{(\?)?([^}]+)\}/.exec(this.text.slice(this.at));
    if (!match) this.refuse('a "}" is missing');
    const [whole = '', optional, name = ''] = match ?? [];
    const value = this.env[name];
    if (value === undefined && !optional) this.refuse(`${whole} is not set`);
    this.at += whole.length;
    return value;
  }

  private separated(braced: boolean): void {
    this.skip(false);
    const next = this.peek();
    if (next === undefined || next === '\n' || next === ',' || next === '#' || (braced && next === '}'))
      return;
    if (this.text.startsWith('//', this.at)) return;
    this.refuse(`"${next}" is not expected here`);
  }

  private skip(lines: boolean): void {
    for (;;) {
      const next = this.peek();
      if (next === undefined) return;
      if (next === '#' || this.text.startsWith('//', this.at)) {
        if (!lines) return;
        const end = this.text.indexOf('\n', this.at);
        this.at = end < 0 ? this.text.length : end;
      } else if (/\s/.test(next) && (lines || next !== '\n')) this.at++;
      else return;
    }
  }

  private peek(): string | undefined {
    return this.text[this.at];
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at++;
    return true;
  }

  private refuse(why: string): never {
    throw new Error(`line ${this.text.slice(0, this.at).split('\n').length}: ${why}`);
  }
}

function literal(text: string): Hocon {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
}

function parentOf(root: HoconObject, path: readonly string[]): HoconObject {
  let parent = root;
  for (const key of path.slice(0, -1)) {
    const child = parent[key];
    const inner = isObject(child) ? child : {};
    parent[key] = inner;
    parent = inner;
  }
  return parent;
}

function merge(root: HoconObject, path: readonly string[], value: Hocon | undefined): void {
  const parent = parentOf(root, path);
  const key = path.at(-1) ?? '';
  const old = parent[key];
  if (value === undefined) return;
  if (isObject(old) && isObject(value)) {
    for (const [name, inner] of Object.entries(value)) merge(old, [name], inner);
  } else parent[key] = value;
}

function appendTo(root: HoconObject, path: readonly string[], value: Hocon | undefined): void {
  const parent = parentOf(root, path);
  const key = path.at(-1) ?? '';
  const old = parent[key];
  if (value !== undefined) parent[key] = [...(Array.isArray(old) ? old : []), value];
}
