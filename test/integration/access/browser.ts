import { EDGE, fromAddress } from './participant.js';

export interface Page {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

const SITE = 'https://meet.example.org';

/** A browser with cookies of its own for this site and for the provider. It follows no redirect by itself. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  async open(address: string, form?: Readonly<Record<string, string>>): Promise<Page> {
    const { origin, pathname, search } = new URL(address, SITE);
    const own = origin === SITE;
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    const answer = await fetch(`${own ? EDGE : origin}${pathname}${search}`, {
      redirect: 'manual',
      headers: {
        ...(own && fromAddress('198.51.100.7')),
        ...(form && { origin }),
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value && !/expires=Thu, 01 Jan 1970|max-age=0/i.test(line)) jar.set(name, value);
      else jar.delete(name);
    }
    const location = answer.headers.get('location') ?? '';
    return {
      status: answer.status,
      location: location && new URL(location, own ? SITE : address).href,
      body: await answer.text(),
    };
  }

  /** Another browser with the same cookies. */
  copy(): Browser {
    const other = new Browser();
    for (const [origin, jar] of this.jars) other.jars.set(origin, new Map(jar));
    return other;
  }

  /** Signs in at the provider. Returns the address with the code, which is not opened yet. */
  async atProvider(account: string, address: string): Promise<string> {
    let next = address;
    for (let steps = 0; steps < 12; steps++) {
      const { location, body } = await this.open(next);
      if (location.startsWith(SITE)) return location;
      if (location) next = location;
      else {
        const prompt = body.includes('name="login"') ? 'login' : 'consent';
        const sent = await this.open(next, { prompt, login: account, password: 'any' });
        next = sent.location;
      }
    }
    throw new Error('The provider does not come to an end.');
  }
}
