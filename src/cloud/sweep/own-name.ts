import { namePrefix } from '../../contract/names.js';

/**
 * Rest of convoke's names after the prefix. In earlier versions CloudFormation generated some names from the stack's
 * name and a logical id, which starts with a capital letter.
 */
const OWN: readonly RegExp[] = [
  /^(bootstrap-)?[A-Z]/,
  /^(seed|bridges\/seed|alerts)$/,
  /^(deploy|publish|execute|bridges|shard-[a-z])-[a-z]{2}-[a-z]+-\d$/,
  /^(terminated|launched|lost|launch-failed)-[01]$/,
  /^(certificate-(ending|ended)|mail-check)$/,
  /^bridges-(stress-average|stress-maximum|idle)$/,
];

/**
 * Whether a name belongs to this deployment. `convoke-meet-two-seed` has the prefix of the deployment `meet`, but
 * belongs to `meet-two`, which a sweep of `meet` must not touch.
 */
export function isOwnName(name: string | undefined, deployment: string): boolean {
  const start = `${namePrefix(deployment)}-`;
  return name?.startsWith(start) === true && OWN.some((rest) => rest.test(name.slice(start.length)));
}
