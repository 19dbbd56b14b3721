import type { Access } from '../contract/access.js';
import type { Architecture } from './deployment.js';
import { supportsBudgets } from './regions.js';
import type { Remark } from './remark.js';

// Settings of `convoke.yaml` and props of the construct that are valid alone but not together. `keys` is the path of
// the setting in either of them.

type Keys = readonly string[];

/** A hosted zone must contain the domain. */
export function zoneContradiction(zone: string, domain: string, keys: Keys): Remark[] {
  if (zone === domain || domain.endsWith(`.${zone}`)) return [];
  return [{ keys, message: `${keys.join('.')} ${zone} does not contain the domain ${domain}.` }];
}

export function certificateContradiction(arn: string | undefined, region: string): Remark[] {
  const its = arn?.split(':')[3];
  if (!its || its === region) return [];
  return [
    {
      keys: ['certificate'],
      message: `certificate is in ${its}, but the deployment is in ${region}; a load balancer accepts only certificates of its own region.`,
    },
  ];
}

/** Hosts sign in at a provider, and nobody else does. */
export function loginContradiction(given: { readonly access: Access; readonly login?: unknown }): Remark[] {
  if (given.access === 'hosts' && given.login === undefined)
    return [
      {
        keys: ['access'],
        message:
          'access hosts needs "login", where hosts sign in: login: {issuer: https://…, client: …, allow: …}.',
      },
    ];
  if (given.access !== 'hosts' && given.login !== undefined)
    return [
      { keys: ['login'], message: `login has no effect with access ${given.access}: set access to hosts.` },
    ];
  return [];
}

export function budgetContradiction(region: string, keys: Keys): Remark[] {
  if (supportsBudgets(region)) return [];
  return [
    {
      keys,
      message: `${keys.join('.')} is not available in ${region}, because CloudFormation does not support budgets there. Leave it out, and create a budget in the AWS console.`,
    },
  ];
}

/** Graviton types have a g after the generation: t4g, m7g, c7gn, c6gd; so has a1. */
const isArm = (type: string) => /^([a-z]+\d+g[a-z]*|a1)\./.test(type);

/** Finds instance types whose processors do not match the deployment's architecture. */
export function processorContradictions(
  architecture: { readonly is: Architecture; readonly keys: Keys },
  types: readonly { readonly type: string; readonly keys: Keys }[],
): Remark[] {
  return types.flatMap(({ type, keys }) => {
    const its: Architecture = isArm(type) ? 'arm64' : 'amd64';
    if (its === architecture.is) return [];
    const message = `${keys.slice(0, 2).join('.')} ${type} has ${its} processors, but ${architecture.keys.join('.')} is ${architecture.is}.`;
    return [{ keys, message }];
  });
}

/** The bridges' instance types, each with its path. */
export const bridgeTypes = (types: readonly string[] = []): { type: string; keys: Keys }[] =>
  types.map((type, index) => ({ type, keys: ['bridges', 'types', String(index)] }));

/** The recorders' instance type with its path, if one is given. */
export const recorderTypes = (type: string | undefined): { type: string; keys: Keys }[] =>
  type === undefined ? [] : [{ type, keys: ['recording', 'type'] }];
