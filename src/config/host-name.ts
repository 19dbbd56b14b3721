import { z } from 'zod';

/** Lower-cases the input, because host names are case-insensitive. */
export const hostName = z
  .string()
  .transform((text) => text.trim().toLowerCase())
  .superRefine((text, context) => {
    const complaint = hostNameComplaint(text);
    if (complaint) context.addIssue({ code: 'custom', message: complaint });
  });

/** What is wrong with a host name, as a clause that follows it; undefined if it is valid. */
export function hostNameComplaint(text: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(text))
    return 'is a URL; give only its host name, such as meet.example.org';
  if (text.includes('/')) return 'has a path; give only the host name, such as meet.example.org';
  if (/^\[?[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*\]?$/.test(text))
    return 'is an IP address; a certificate needs a name, such as meet.example.org';
  if (text.includes(':')) return 'has a port; give only the host name, because meetings always use port 443';
  if (text.endsWith('.')) return 'ends in a dot; remove the dot';
  if (/^\d+(\.\d+){3}$/.test(text))
    return 'is an IP address; a certificate needs a name, such as meet.example.org';
  if (/[^\x20-\x7e]/.test(text))
    return 'has non-ASCII letters; give its ASCII form, which starts with "xn--"';
  if (!text.includes('.')) return 'is a single word; give a full host name, such as meet.example.org';
  if (text.length > 64) return 'is longer than the 64 characters that a certificate allows';
  for (const label of text.split('.')) {
    if (label === '') return 'has an empty part between two dots';
    if (label.length > 63) return 'has a part longer than 63 characters';
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)) {
      return `has the part "${label}"; letters, digits and inner hyphens are allowed`;
    }
  }
  return undefined;
}
