import { writeFile } from 'node:fs/promises';
import { ConvokeError } from '../../contract/errors.js';
import type { MachineSpec } from '../../contract/machine-spec.js';
import { retry } from '../retry.js';
import { fingerprints, onlyKey } from './openpgp.js';

const KEYRING = '/etc/apt/keyrings/convoke-jitsi.asc';

/**
 * Jitsi's own repository. The key is fetched over HTTPS and must be the one that has signed it since 2016: apt trusts every
 * key that it is given, so others in the same file are left out.
 */
export const OFFICIAL = {
  url: 'https://download.jitsi.org',
  suite: 'stable/',
  key: 'https://download.jitsi.org/jitsi-key.gpg.key',
  fingerprint: '66A9CD0595D6AFA247290D3BEF8B479E2DC1389C',
} as const;

type AptSource = Extract<MachineSpec['packages'], { kind: 'official' | 'apt' }>;

/** Adds the repository to apt, limited to the given packages, so that it replaces nothing of Debian's. */
export async function addJitsiSource(source: AptSource, packages: readonly string[]): Promise<void> {
  const { url, suite, key } = source.kind === 'apt' ? source : { ...OFFICIAL, key: await officialKey() };
  await writeFile(KEYRING, key);
  await writeFile('/etc/apt/sources.list.d/convoke-jitsi.sources', sourceFile(url, suite));
  await writeFile('/etc/apt/preferences.d/convoke-jitsi', preferences(url, source.kind, packages));
}

/** A suite that ends in a slash is a flat repository, like Jitsi's; any other has the component `main`. */
export function sourceFile(url: string, suite: string): string {
  const components = suite.endsWith('/') ? '' : 'Components: main\n';
  return `Types: deb\nURIs: ${url}\nSuites: ${suite}\n${components}Signed-By: ${KEYRING}\n`;
}

/** Only the official host is restricted to these packages: a mirror may serve Debian under the same host name. */
export function preferences(url: string, kind: AptSource['kind'], packages: readonly string[]): string {
  const from = `Pin: origin "${new URL(url).hostname}"`;
  const wanted = `Package: ${packages.join(' ')}\n${from}\nPin-Priority: 990\n`;
  return kind === 'official' ? `${wanted}\nPackage: *\n${from}\nPin-Priority: 100\n` : wanted;
}

/** The key of Jitsi's own repository, fetched and compared with the known fingerprint. */
export async function officialKey(): Promise<string> {
  const text = await retry(
    async () => {
      const answer = await fetch(OFFICIAL.key, { signal: AbortSignal.timeout(15_000) });
      if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
      return answer.text();
    },
    { attempts: 5, firstWait: 2_000 },
  ).catch((cause: unknown) => {
    throw new ConvokeError('NoJitsiKey', {
      what: `The key of Jitsi's package repository cannot be fetched from ${OFFICIAL.key}.`,
      why: String(cause),
      now: 'Check the connection to the internet and try again, or set a mirror under "packages" in convoke.yaml.',
      cause,
    });
  });
  return checkedKey(text);
}

/** The known key out of the file that was fetched, and no other that may be in it. */
export function checkedKey(text: string, known: string = OFFICIAL.fingerprint): string {
  let found: string;
  try {
    const key = onlyKey(text, known);
    if (key !== undefined) return key;
    found = fingerprints(text).join(' and ');
  } catch (error) {
    found = `unknown: ${error instanceof Error ? error.message : String(error)}`;
  }
  throw new ConvokeError('WrongJitsiKey', {
    what: "The key of Jitsi's package repository is not the one that convoke knows.",
    why: `Its fingerprint is ${found}; ${known} was expected.`,
    now: 'Nothing was installed. Compare the fingerprint with the one on jitsi.org, and check for a newer version of convoke.',
  });
}
