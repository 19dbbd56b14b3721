import type { Deployment } from '../config/deployment.js';
import { turnName } from '../config/turn.js';
import { OUTPUTS } from './deployment-stack.js';

/** A host name that people reach a deployment by. */
export interface PublicName {
  readonly name: string;
  /** What is there, in a person's words. */
  readonly purpose: string;
  /** The stack's output that says what DNS name it leads to. */
  readonly output: string;
}

/** All of them, the domain first. The certificate is for these, and where the person writes the records, they write these. */
export const publicNames = ({ domain, turn }: Pick<Deployment, 'domain' | 'turn'>): PublicName[] => [
  { name: domain, purpose: 'the meeting page', output: OUTPUTS.balancerName },
  ...(turn
    ? [{ name: turnName(domain), purpose: 'the relay of media', output: OUTPUTS.turnBalancerName }]
    : []),
];

/** The same, names only. */
export const hostNames = (deployment: Pick<Deployment, 'domain' | 'turn'>): string[] =>
  publicNames(deployment).map(({ name }) => name);
