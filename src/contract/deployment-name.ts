import { z } from 'zod';

/** The longest name of a deployment. A load balancer's name has 32 characters, of which `convoke-` and `-tls` take twelve. */
export const LONGEST_NAME = 20;

/** Words of letters and digits with single hyphens between them: CloudFormation and IAM would not keep two in a row apart. */
const WORDS = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** The deployment `meet` has a stack convoke-meet-bootstrap, and a load balancer convoke-meet-tls. */
const ENDS_LIKE_ANOTHER = /-(bootstrap|tls)$/;

/** Name of a deployment: prefix of everything made. */
export const deploymentName = z
  .string()
  .regex(
    WORDS,
    'must start with a letter and have only lower-case letters, digits and single hyphens between them',
  )
  .max(LONGEST_NAME, `must have ${LONGEST_NAME} characters at most`)
  .refine((name) => !ENDS_LIKE_ANOTHER.test(name), 'ends in what a name of another deployment may end in');

/** The domain as a name: `meet.example.org` becomes `meet-example-org`. */
export function nameFrom(domain: string): string {
  const words = domain.replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+/, '');
  let name = words.slice(0, LONGEST_NAME).replace(/-+$/, '');
  while (ENDS_LIKE_ANOTHER.test(name)) name = name.replace(ENDS_LIKE_ANOTHER, '');
  return name || 'meet';
}
