import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Architecture, PackageSource } from '../../config/deployment.js';
import { ConvokeError } from '../../contract/errors.js';
import type { Release } from '../../contract/release.js';
import { OFFICIAL, officialKey } from '../../node/provision/jitsi-source.js';
import { retry } from '../../node/retry.js';
import { parseReleaseFile, releasesInIndex } from './index-file.js';

type Repository = Extract<PackageSource, { kind: 'official' | 'apt' }>;

/** Jitsi's index has less than a megabyte. */
const LARGEST_BYTES = 64 * 2 ** 20;

const location = (source: Repository): { url: string; suite: string } =>
  source.kind === 'official' ? OFFICIAL : source;

/** How a release says where it is from. */
export const repositoryName = (source: Repository): string => {
  const { url, suite } = location(source);
  return `${url} ${suite}`;
};

/**
 * The releases of an apt repository, the newest first. Its index is read like apt reads it: signed by the known key,
 * and with the hashes that the signed file lists.
 *
 * Throws `RepositoryDown`, `IndexNotTrusted`, `NoRelease`, and what {@link officialKey} throws.
 */
export async function releasesInRepository(
  source: Repository,
  architecture: Architecture,
): Promise<Release[]> {
  const { url, suite } = location(source);
  const key = source.kind === 'apt' ? source.key : await officialKey();
  // A suite that ends in a slash is a flat repository; any other has the component `main`.
  const flat = suite.endsWith('/');
  const base = `${url.replace(/\/$/, '')}/${flat ? suite : `dists/${suite}/`}`;
  const { files, date } = parseReleaseFile(await signedRelease(base, key));
  const packages = flat ? 'Packages' : `main/binary-${architecture}/Packages`;
  const listed = files
    .filter(({ path }) => path === packages || path === `${packages}.gz`)
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (!listed) throw notTrusted(base, `It lists neither ${packages} nor ${packages}.gz.`);
  const bytes = await fetchFile(base + listed.path);
  if (createHash('sha256').update(bytes).digest('hex') !== listed.sha256)
    throw notTrusted(base, `${listed.path} has another SHA-256 than the signed index lists.`);
  const index = listed.path.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: LARGEST_BYTES }) : bytes;
  const found = releasesInIndex(index.toString('utf8'), repositoryName(source), date);
  if (found.length > 0) return found;
  throw new ConvokeError('NoRelease', {
    what: `The package repository ${base} has no complete release of Jitsi Meet.`,
    why: 'No version of the package jitsi-meet has all its packages in the repository.',
    now: 'Check "packages" in convoke.yaml.',
    fault: 'user',
  });
}

/** The text of `InRelease`, or of `Release` with the signature beside it. */
async function signedRelease(base: string, armoredKeys: string): Promise<string> {
  // A tenth of a second to load, for what few commands do.
  const { createMessage, readCleartextMessage, readKeys, readSignature, verify } = await import('openpgp');
  const verificationKeys = await readKeys({ armoredKeys }).catch((cause: unknown) => {
    throw notTrusted(base, `The key under "packages" cannot be read: ${messageOf(cause)}`);
  });
  const inline = await fetchFile(`${base}InRelease`, { optional: true });
  const [text, detached] = inline
    ? [inline, undefined]
    : await Promise.all([fetchFile(`${base}Release`), fetchFile(`${base}Release.gpg`)]);
  try {
    const result = detached
      ? await verify({
          message: await createMessage({ text: text.toString('utf8') }),
          signature: await (isArmored(detached)
            ? readSignature({ armoredSignature: detached.toString('utf8') })
            : readSignature({ binarySignature: new Uint8Array(detached) })),
          verificationKeys,
          expectSigned: true,
        })
      : await verify({
          message: await readCleartextMessage({ cleartextMessage: text.toString('utf8') }),
          verificationKeys,
          expectSigned: true,
        });
    return String(result.data);
  } catch (cause) {
    throw notTrusted(base, messageOf(cause), cause);
  }
}

const isArmored = (bytes: Buffer): boolean => bytes.subarray(0, 5).toString('latin1') === '-----';

async function fetchFile(url: string): Promise<Buffer>;
async function fetchFile(url: string, options: { optional: true }): Promise<Buffer | undefined>;
async function fetchFile(url: string, { optional = false } = {}): Promise<Buffer | undefined> {
  const ask = async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (answer.status === 404 && optional) return undefined;
    if (!answer.ok) throw new Error(`the answer was ${answer.status} ${answer.statusText}`);
    if (Number(answer.headers.get('content-length')) > LARGEST_BYTES)
      throw new Error('the file is too large');
    return Buffer.from(await answer.arrayBuffer());
  };
  return retry(ask, { attempts: 3, firstWait: 1_000 }).catch((cause: unknown) => {
    throw new ConvokeError('RepositoryDown', {
      what: `The package repository cannot be read: ${url}.`,
      why: messageOf(cause),
      now: 'Check that this machine can reach it, and "packages" in convoke.yaml; then run the same command again.',
      cause,
    });
  });
}

/** A failed `fetch` has its reason in the cause. */
const messageOf = (error: unknown): string => {
  const { message = String(error), cause } = error as { message?: string; cause?: { message?: string } };
  return cause?.message ? `${message}: ${cause.message}` : message;
};

const notTrusted = (base: string, why: string, cause?: unknown): ConvokeError =>
  new ConvokeError('IndexNotTrusted', {
    what: `The index of the package repository ${base} is not signed by the known key.`,
    why,
    now: 'Nothing was changed. Check "packages" in convoke.yaml; if the repository has changed its key, check for a newer version of convoke.',
    cause,
  });
