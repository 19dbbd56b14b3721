import { setTimeout as wait } from 'node:timers/promises';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Letter } from './texts.js';

const ATTEMPTS = 3;
const PATIENCE_MS = 10_000;

/** Publishes a mail to the topic. */
export async function publish(sns: SNSClient, topic: string, { subject, text }: Letter): Promise<void> {
  await sns.send(new PublishCommand({ TopicArn: topic, Subject: subject, Message: text }));
}

/**
 * Posts a mail to every webhook, and returns why some did not accept it. Addresses of webhooks are secrets, so only
 * their hosts are named.
 */
export async function post(urls: readonly string[], letter: Letter): Promise<string[]> {
  const refusals = await Promise.all(urls.map((url) => postTo(url, letter)));
  return refusals.filter((refusal) => refusal !== undefined);
}

async function postTo(url: string, { subject, text }: Letter): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    const refusal = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: `${subject}\n\n${text}` }),
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).then(
      (response) => (response.ok ? undefined : `HTTP ${response.status}`),
      () => 'no answer',
    );
    if (refusal === undefined) return undefined;
    if (attempt === ATTEMPTS) return `${new URL(url).host}: ${refusal}`;
    await wait(1_000 * attempt);
  }
}

/** The addresses of webhooks, one on each line of a secret. */
export async function webhooks(secrets: SecretsManagerClient, secret: string | undefined): Promise<string[]> {
  if (!secret) return [];
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: secret }));
  return SecretString.split('\n').filter(Boolean);
}
