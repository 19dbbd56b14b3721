import { hostedZoneId } from '../cloud/hosted-zones.js';
import { isProvenManually } from '../config/deployment.js';
import { CERTIFICATE_PARAMETER, WEBHOOKS_PARAMETER, ZONE_PARAMETER } from '../contract/template.js';
import { provenCertificate } from './dns/certificate.js';
import type { Operation } from './operation.js';
import { step } from './progress.js';

/**
 * Template parameters: the zone's id, or the ARN of a certificate that the user's DNS records validate; and the addresses
 * of webhooks.
 */
export async function stackParameters(options: Operation): Promise<Record<string, string>> {
  const { webhooks } = options.deployment.alerts;
  return {
    ...(await nameParameters(options)),
    ...(webhooks.length > 0 && { [WEBHOOKS_PARAMETER]: webhooks.join('\n') }),
  };
}

async function nameParameters(options: Operation): Promise<Record<string, string>> {
  const { account, deployment, onProgress } = options;
  const { dns, domain } = deployment;
  if (dns.kind === 'route53') {
    const id = await step(onProgress, account.clock, 'zone', `Find the hosted zone ${dns.zone}`, () =>
      hostedZoneId(account, dns.zone),
    );
    return { [ZONE_PARAMETER]: id };
  }
  if (!isProvenManually(deployment)) return {};
  const arn = await step(
    onProgress,
    account.clock,
    'certificate',
    `Request a certificate for ${domain}`,
    () => provenCertificate(options),
  );
  return { [CERTIFICATE_PARAMETER]: arn };
}
