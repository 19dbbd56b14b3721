/** What every name of a deployment's begins with. */
export const prefix = (deployment: string): string => `convoke-${deployment}`;

/**
 * What follows the prefix in names that convoke gives. Earlier versions left some to CloudFormation, which makes them up out
 * of the stack's name and a logical id, which begins with a capital letter.
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
 * Whether a name is one of this deployment's. `convoke-meet-two-seed` begins with what the names of `meet` begin with,
 * and is not its own: a sweep of `meet` must leave the deployment `meet-two` alone.
 */
export function isOwnName(name: string | undefined, deployment: string): boolean {
  const start = `${prefix(deployment)}-`;
  return name?.startsWith(start) === true && OWN.some((rest) => rest.test(name.slice(start.length)));
}
