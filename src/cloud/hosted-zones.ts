import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import { ConvokeError } from '../contract/errors.js';
import type { Account } from './account.js';
import { client } from './clients.js';

/** Ids of the account's public Route 53 zones of that name. */
export async function hostedZoneIds(account: Account, zone: string): Promise<string[]> {
  const answer = await client(account, Route53Client).send(
    new ListHostedZonesByNameCommand({ DNSName: zone, MaxItems: 100 }),
  );
  return (answer.HostedZones ?? [])
    .filter((z) => z.Name === `${zone}.` && !z.Config?.PrivateZone)
    .map(({ Id = '' }) => Id.replace(/^\/hostedzone\//, ''));
}

/** Why convoke cannot use the zones of that name; undefined where there is just one. */
export function zoneComplaint(zone: string, ids: readonly string[]): ConvokeError | undefined {
  if (ids.length === 0) {
    return new ConvokeError('ZoneMissing', {
      what: `This account has no public Route 53 zone for ${zone}.`,
      why: 'convoke writes the domain’s record and the certificate’s proof there.',
      now: `Make a hosted zone for ${zone}, or name the right one with "dns: {zone: …}", or keep the records yourself with "dns: manual".`,
      fault: 'person',
    });
  }
  if (ids.length === 1) return undefined;
  return new ConvokeError('ZoneAmbiguous', {
    what: `This account has ${ids.length} public Route 53 zones for ${zone}.`,
    why: 'Only one of them is the one that the registrar delegates to, and convoke cannot tell which.',
    now: 'Remove the ones that are not used.',
    fault: 'person',
  });
}

/** The id of the account's public Route 53 zone of that name. Throws `ZoneMissing`, `ZoneAmbiguous`. */
export async function hostedZoneId(account: Account, zone: string): Promise<string> {
  const ids = await hostedZoneIds(account, zone);
  const complaint = zoneComplaint(zone, ids);
  if (complaint) throw complaint;
  return ids[0] ?? '';
}
