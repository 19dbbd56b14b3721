import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Account } from '../cloud/account.js';
import { client, ifThere } from '../cloud/clients.js';

/** Mail addresses that are subscribed to a topic, by whether they have confirmed it. */
export interface Subscribers {
  readonly confirmed: readonly string[];
  readonly unconfirmed: readonly string[];
}

/** No addresses if the topic does not exist. */
export async function subscribers(account: Account, topic: string | undefined): Promise<Subscribers> {
  const answer =
    topic &&
    (await ifThere(
      client(account, SNSClient).send(new ListSubscriptionsByTopicCommand({ TopicArn: topic })),
    ));
  const mails = (answer ? (answer.Subscriptions ?? []) : []).filter(({ Protocol }) => Protocol === 'email');
  const addresses = (isConfirmed: boolean) =>
    mails
      .filter(({ SubscriptionArn = '' }) => SubscriptionArn.startsWith('arn:') === isConfirmed)
      .map(({ Endpoint = '' }) => Endpoint);
  return { confirmed: addresses(true), unconfirmed: addresses(false) };
}
