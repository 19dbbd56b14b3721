import { createHmac } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { ConvokeError } from '../contract/errors.js';
import { ClientSecret } from '../contract/login.js';
import type { BridgePasswords, RecorderPasswords, ShardPasswords } from './facts.js';

const Secret = z.object({ seed: z.string().min(32) });

/** Reads the seed, from which passwords are derived, from a secret of the deployment. */
export async function readSeed(client: SecretsManagerClient, secret: string): Promise<string> {
  const answer = await client
    .send(new GetSecretValueCommand({ SecretId: secret }))
    .catch((cause: unknown) => {
      throw new ConvokeError('NoSeed', {
        what: `The secret ${secret} cannot be read.`,
        why: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
        now: "Check that the secret exists and that this machine's role may read it.",
        cause,
      });
    });
  return parseSeed(answer.SecretString ?? '', secret);
}

export function parseSeed(text: string, secret: string): string {
  // The content must not appear in a message.
  const bad = new ConvokeError('BadSeed', {
    what: `The secret ${secret} does not hold a seed.`,
    why: 'It must be a JSON object whose "seed" is a string of at least 32 characters.',
    now: 'Deploy again with "convoke up"; do not edit the secret by hand.',
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad;
  }
  const parsed = Secret.safeParse(value);
  if (!parsed.success) throw bad;
  return parsed.data.seed;
}

type Purpose = 'focus' | 'jvb' | 'tokens' | 'turn' | 'sign-in' | 'jibri' | 'recorder' | 'recorder-page';

/**
 * Derives the password for one purpose. All machines with the same seed derive the same one, none can be computed
 * from another, and only the seeds have to be stored. 256 bits, in an alphabet that needs no escaping.
 */
export function password(seed: string, purpose: Purpose): string {
  return createHmac('sha256', seed).update(`convoke password ${purpose}`).digest('base64url');
}

export const bridgePasswords = (bridgeSeed: string): BridgePasswords => ({
  bridge: password(bridgeSeed, 'jvb'),
});

export const recorderPasswords = (recorderSeed: string): RecorderPasswords => ({
  brewery: password(recorderSeed, 'jibri'),
  meetings: password(recorderSeed, 'recorder'),
  page: password(recorderSeed, 'recorder-page'),
});

/**
 * Derived from the shards' seed, except for the accounts of bridges and recorders, whose seeds are separate: a bridge or
 * a recorder can compute no other password. `recorderSeed`: undefined if there are no recorders.
 */
export const shardPasswords = (
  seed: string,
  bridgeSeed: string,
  recorderSeed?: string | undefined,
): ShardPasswords => ({
  ...bridgePasswords(bridgeSeed),
  focus: password(seed, 'focus'),
  tokens: password(seed, 'tokens'),
  turn: password(seed, 'turn'),
  signIn: password(seed, 'sign-in'),
  ...(recorderSeed !== undefined && { recorder: recorderPasswords(recorderSeed) }),
});

/**
 * Reads the client's secret at the provider where hosts sign in. Undefined if none has been stored yet. Rejects if the
 * secret cannot be read.
 */
export async function readClientSecret(
  client: SecretsManagerClient,
  secret: string,
): Promise<string | undefined> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secret }));
  return ClientSecret.safeParse(JSON.parse(SecretString)).data?.secret;
}
