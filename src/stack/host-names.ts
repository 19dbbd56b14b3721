import type { Deployment } from '../config/deployment.js';
import { turnName } from '../config/turn.js';
import { OUTPUTS } from '../contract/template.js';

/** A host name at which users reach a deployment. */
export interface PublicName {
  readonly name: string;
  /** What the name is for, in words. */
  readonly purpose: string;
  /** The stack's output with the DNS name that it points to. */
  readonly output: string;
}

/**
 * All public names, the domain first. The certificate covers these, and with manual DNS the user creates records for
 * these.
 */
export const publicNames = ({ domain, turn }: Pick<Deployment, 'domain' | 'turn'>): PublicName[] => [
  { name: domain, purpose: 'the meeting page', output: OUTPUTS.balancerName },
  ...(turn
    ? [{ name: turnName(domain), purpose: 'the relay of media', output: OUTPUTS.turnBalancerName }]
    : []),
];

/** The same, names only. */
export const hostNames = (deployment: Pick<Deployment, 'domain' | 'turn'>): string[] =>
  publicNames(deployment).map(({ name }) => name);
