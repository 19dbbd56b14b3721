import { domainToASCII } from 'node:url';
import { z } from 'zod';

/** Pattern for mail addresses, in ASCII. A URL with a user name or an `@` in its path is not one. */
const MAIL_ADDRESS = /^(?!https?:)[!#-;=?A-~]+@[!#-;=?A-~]+\.[!#-;=?A-~]+$/;

/** AWS Budgets notifies no more mail addresses. */
const MOST_ADDRESSES = 10;

const isMailAddress = (text: string): boolean => MAIL_ADDRESS.test(text);

/** Why AWS cannot send mail to an address; undefined if it can. */
export const mailAddressComplaint = (text: string): string | undefined =>
  isMailAddress(text) ? undefined : (asciiComplaint(text) ?? 'is not a mail address');

/**
 * What of an address is not ASCII, if nothing else is wrong with it. AWS's mail service has no internationalized addresses
 * (RFC 6531), but domains can be written with Punycode (SES API, Destination).
 */
function asciiComplaint(text: string): string | undefined {
  const [mailbox = '', domain = ''] = text.split('@');
  const ascii = `${mailbox}@${domainToASCII(domain)}`;
  if (ascii !== text && isMailAddress(ascii)) return `must be written in ASCII for AWS: ${ascii}`;
  return isMailAddress(ascii.replaceAll(/\P{ASCII}/gu, 'x'))
    ? 'has non-ASCII letters before the @, to which AWS cannot send mail; use another address'
    : undefined;
}

const webhook = z.url({ protocol: /^https$/, hostname: z.regexes.domain });

/** Whether a text is an address to which alerts can be posted. Its lines are separated, so it is one line. */
const isWebhook = (text: string): boolean =>
  text.length <= 1000 && !/\s/.test(text) && webhook.safeParse(text).success;

/** The first address that a list has twice. Mail addresses that differ only in case are the same mailbox. */
export function repeated(addresses: readonly string[]): string | undefined {
  const same = addresses.map((one) => (isMailAddress(one) ? one.toLowerCase() : one));
  return addresses.find((_, index) => same.indexOf(same[index] ?? '') < index);
}

export const Alerts = z
  .union([z.string(), z.array(z.string())])
  .superRefine((given, context) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message });
    if (typeof given === 'string') {
      if (isWebhook(given)) complain('needs at least one mail address: give a list of it and the webhook');
      else {
        const complaint = mailAddressComplaint(given);
        if (complaint) complain(complaint);
      }
      return;
    }
    for (const one of given)
      if (!isMailAddress(one) && !isWebhook(one))
        complain(
          `has "${one}", which ${asciiComplaint(one) ?? 'is neither a mail address nor an https address'}`,
        );
    if (given.every(isWebhook)) complain('needs at least one mail address');
    if (given.length > MOST_ADDRESSES) complain(`has more than ${MOST_ADDRESSES} addresses`);
    const twice = repeated(given);
    if (twice !== undefined) complain(`has ${twice} twice; remove one`);
  })
  .transform((given) => ({
    emails: [given].flat().filter(isMailAddress),
    webhooks: [given].flat().filter((one) => !isMailAddress(one)),
  }))
  .describe(
    'Recipients of alerts: a mail address, or a list of mail addresses and of https addresses of webhooks. AWS sends a confirmation request to each mail address first.',
  );
