import type { Arns } from './arns.js';
import type { Conditions, Right, Scope } from './right.js';

/** A kind of AWS resource that a deployment has or can leave behind: everything that policies need to know of it. */
export interface ResourceKind {
  /** Name for messages and documents, plural: `load balancers`. The sweep has functions for the same name. */
  readonly name: string;
  /**
   * CloudFormation's types of this kind: the one that the sweep finds, and those that are deleted with it. Empty if no
   * template has it.
   */
  readonly types: readonly string[];
  /** What CloudFormation needs to create, change and delete it in the deployment's stack. */
  readonly execution?: (arns: Arns) => readonly Statement[];
  /** What the deployer needs: for the sweep to find and delete it, and for the verbs that read or use it. */
  readonly deployer?: (arns: Arns, scope: Scope) => readonly Right[];
}

/** A statement of the policy under which CloudFormation creates, changes and deletes a deployment. */
export interface Statement {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
  /**
   * What keeps it to the deployment: the name in every ARN, only the region, or something else, such as a tag. The
   * boundary allows all actions of a service by name, and combines those that only the region limits.
   */
  readonly limit: 'name' | 'region' | 'other';
}

/**
 * Statements with the same `sid` as one, with the actions and resources of all. Kinds share a statement so that
 * policies stay within AWS's limits.
 */
export function merged(statements: readonly Statement[]): Statement[] {
  const bySid = new Map<string, Statement>();
  for (const next of statements) {
    const known = bySid.get(next.sid);
    bySid.set(next.sid, {
      ...next,
      actions: union(known?.actions, next.actions).sort(),
      resources: union(known?.resources, next.resources),
    });
  }
  return [...bySid.values()];
}

/** The same for the deployer's rights. */
export function mergedRights(rights: readonly Right[]): Right[] {
  const bySid = new Map<string, Right>();
  for (const next of rights) {
    const known = bySid.get(next.sid);
    bySid.set(next.sid, {
      ...next,
      calls: [...(known?.calls ?? []), ...next.calls],
      resources: union(known?.resources, next.resources),
    });
  }
  return [...bySid.values()];
}

const union = (before: readonly string[] = [], more: readonly string[]): string[] => [
  ...new Set([...before, ...more]),
];
