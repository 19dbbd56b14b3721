import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
import { ConvokeError } from '../contract/errors.js';
import type { Account } from './account.js';
import { client } from './clients.js';

/** Ids of the account's public hosted zones with this name. */
export async function hostedZoneIds(account: Account, zone: string): Promise<string[]> {
  const answer = await client(account, Route53Client).send(
    new ListHostedZonesByNameCommand({ DNSName: zone, MaxItems: 100 }),
  );
  return (answer.HostedZones ?? [])
    .filter((z) => z.Name === `${zone}.` && !z.Config?.PrivateZone)
    .map(({ Id = '' }) => Id.replace(/^\/hostedzone\//, ''));
}

/** Why convoke cannot use the hosted zones with this name; undefined if there is exactly one. */
export function zoneComplaint(zone: string, ids: readonly string[]): ConvokeError | undefined {
  if (ids.length === 0) {
    return new ConvokeError('ZoneMissing', {
      what: `This account has no public Route 53 hosted zone for ${zone}.`,
      why: 'convoke creates the domain’s record and the certificate’s validation record there.',
      now: `Create a hosted zone for ${zone}, or name another one with "dns: {zone: …}", or manage the records yourself with "dns: manual".`,
      fault: 'user',
    });
  }
  if (ids.length === 1) return undefined;
  return new ConvokeError('ZoneAmbiguous', {
    what: `This account has ${ids.length} public Route 53 hosted zones for ${zone}.`,
    why: 'The registrar delegates to only one of them, and convoke cannot determine which.',
    now: 'Delete the unused ones.',
    fault: 'user',
  });
}

/** The id of the account's public hosted zone with this name. Throws `ZoneMissing`, `ZoneAmbiguous`. */
export async function hostedZoneId(account: Account, zone: string): Promise<string> {
  const ids = await hostedZoneIds(account, zone);
  const complaint = zoneComplaint(zone, ids);
  if (complaint) throw complaint;
  return ids[0] ?? '';
}
