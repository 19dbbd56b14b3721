import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import { ConvokeError } from '../config/errors.js';
import type { Account } from './account.js';
import { client } from './clients.js';

/** The id of the account's public Route 53 zone of that name. */
export async function hostedZoneId(account: Account, zone: string): Promise<string> {
  const answer = await client(account, Route53Client).send(
    new ListHostedZonesByNameCommand({ DNSName: zone, MaxItems: 100 }),
  );
  const found = (answer.HostedZones ?? []).filter((z) => z.Name === `${zone}.` && !z.Config?.PrivateZone);
  const [only, second] = found;
  if (!only?.Id) {
    throw new ConvokeError('ZoneMissing', {
      what: `This account has no public Route 53 zone for ${zone}.`,
      why: 'convoke writes the domain’s record and the certificate’s proof there.',
      now: `Make a hosted zone for ${zone}, or name the right one with "dns: {zone: …}", or use "dns: manual" with a certificate of your own.`,
      fault: 'person',
    });
  }
  if (second) {
    throw new ConvokeError('ZoneAmbiguous', {
      what: `This account has ${found.length} public Route 53 zones for ${zone}.`,
      why: 'Only one of them is the one that the registrar delegates to, and convoke cannot tell which.',
      now: 'Remove the ones that are not used.',
      fault: 'person',
    });
  }
  return only.Id.replace(/^\/hostedzone\//, '');
}
