import { z } from 'zod';

/**
 * Maximum length of a deployment's name. AWS limits the name of a load balancer to 32 characters, of which `convoke-`
 * and `-tls` take twelve.
 */
export const LONGEST_NAME = 20;

/** Words of letters and digits with single hyphens between them. */
const WORDS = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * The deployment `meet` has a stack convoke-meet-bootstrap and a load balancer convoke-meet-tls, so a deployment
 * `meet-tls` would collide.
 */
const ENDS_LIKE_ANOTHER = /-(bootstrap|tls)$/;

/** Name of a deployment, the prefix of all resource names. */
export const deploymentName = z
  .string()
  .regex(
    WORDS,
    'must start with a letter and have only lower-case letters, digits and single hyphens between them',
  )
  .max(LONGEST_NAME, `must have at most ${LONGEST_NAME} characters`)
  .refine(
    (name) => !ENDS_LIKE_ANOTHER.test(name),
    'must not end in -bootstrap or -tls, which could collide with resources of another deployment',
  );

/** The default name, from the domain: `meet.example.org` becomes `meet-example-org`. */
export function nameFrom(domain: string): string {
  const words = domain.replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+/, '');
  let name = words.slice(0, LONGEST_NAME).replace(/-+$/, '');
  while (ENDS_LIKE_ANOTHER.test(name)) name = name.replace(ENDS_LIKE_ANOTHER, '');
  return name || 'meet';
}
