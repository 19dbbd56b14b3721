import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import type { Account } from '../cloud/account.js';
import { findStack } from '../cloud/stacks.js';
import { type Deployment, isProvenManually } from '../config/deployment.js';
import { bootstrapStackName, stackName } from '../contract/names.js';
import type { Release } from '../contract/release.js';
import { publicNames } from '../stack/host-names.js';
import { resourceLabel } from '../stack/resource-labels.js';
import { type RestCost, restCost } from './cost.js';
import { deployedTemplate } from './deployed-template.js';
import { architectureDiagram } from './diagram/diagram.js';
import { manualRecords } from './dns/manual-records.js';
import type { ManualRecord } from './dns/record.js';
import { type ImageChange, imageChange, newestImage } from './images.js';
import { releasesFor } from './release/releases.js';
import { type Template, templates } from './synthesize.js';

export interface Preview {
  /** The changes that `up` would make, by resource; empty if there are none. */
  readonly changes: readonly Change[];
  /** Whether the result was compared with the account. Offline, every resource is new. */
  readonly compared: boolean;
  /** The change of Debian's image for machines that start afterwards; undefined if there is none, or it is not known. */
  readonly image?: ImageChange;
  /** The release of Jitsi with which `up` deploys; undefined offline. */
  readonly release?: Release;
  /** Monthly cost without meetings. */
  readonly cost: RestCost;
  readonly template: Template;
  /** The architecture, as an SVG document. */
  readonly picture: string;
  /** DNS records that the user has to add, as far as they are known before `up`; empty if convoke manages them. */
  readonly records: readonly WantedRecord[];
}

/** A record whose name or value may not be known before `up`. */
export type WantedRecord = Omit<ManualRecord, 'value'> & { readonly value?: string };

export interface Change {
  readonly stack: string;
  readonly logicalId: string;
  /** What it is, in words. */
  readonly name: string;
  /** CloudFormation's type, such as `AWS::EC2::VPC`. */
  readonly type: string;
  readonly action: 'create' | 'update' | 'replace' | 'may replace' | 'delete';
  /** Changed properties; for updates and replacements. */
  readonly properties: readonly string[];
}

/** Computes what `up` would change, compared with the deployed stacks, or with nothing if no account is given. */
export async function preview(deployment: Deployment, account?: Account): Promise<Preview> {
  const releases = account && (await releasesFor(account, deployment));
  const { bootstrap, deployment: template } = templates(deployment, releases);
  const stacks = [
    { name: bootstrapStackName(deployment.name), wanted: bootstrap },
    { name: stackName(deployment.name), wanted: template },
  ];
  const deployed = await Promise.all(
    stacks.map(async ({ name }) => (account ? deployedTemplate(account, name) : undefined)),
  );
  const changes = stacks.map(({ name, wanted }, index) =>
    changesBetween(name, deployed[index] ?? { Resources: {} }, wanted),
  );
  const image = account && (await changedImage(deployment, account));
  return {
    changes: changes.flat(),
    compared: account !== undefined,
    ...(image && { image }),
    ...(releases && { release: releases.release }),
    cost: await restCost(deployment.region, template, deployed[1], account),
    template,
    picture: architectureDiagram(deployment),
    records: await wantedRecords(deployment, account),
  };
}

async function changedImage(deployment: Deployment, account: Account): Promise<ImageChange | undefined> {
  const [stack, newest] = await Promise.all([
    findStack(account, stackName(deployment.name)),
    newestImage(account, deployment.machines.architecture),
  ]);
  return imageChange(stack, newest);
}

async function wantedRecords(deployment: Deployment, account: Account | undefined): Promise<WantedRecord[]> {
  if (deployment.dns.kind !== 'manual') return [];
  const known = account ? await manualRecords(account, deployment) : [];
  const proven = isProvenManually(deployment) && !known.some(({ purpose }) => purpose.startsWith('proves'));
  return [
    ...(proven
      ? publicNames(deployment).map(({ name }) => ({
          name: `_….${name}`,
          type: 'CNAME' as const,
          purpose: `proves ${name}`,
        }))
      : []),
    ...known,
    ...publicNames(deployment)
      .filter(({ name }) => !known.some((record) => record.name === name))
      .map(({ name, purpose }) => ({ name, type: 'CNAME' as const, purpose: `leads to ${purpose}` })),
  ];
}

const ACTIONS: Partial<Record<ResourceImpact, Change['action']>> = {
  [ResourceImpact.WILL_CREATE]: 'create',
  [ResourceImpact.WILL_UPDATE]: 'update',
  [ResourceImpact.WILL_REPLACE]: 'replace',
  [ResourceImpact.MAY_REPLACE]: 'may replace',
  [ResourceImpact.WILL_DESTROY]: 'delete',
};

/** The differences of two templates by resource, in the template's order. */
export function changesBetween(stack: string, current: Template, wanted: Template): Change[] {
  const changes: Change[] = [];
  fullDiff(current, wanted).resources.forEachDifference((logicalId, difference) => {
    const action = ACTIONS[difference.changeImpact];
    if (!action) return;
    const type = difference.newResourceType ?? difference.oldResourceType ?? '';
    changes.push({
      stack,
      logicalId,
      name: resourceLabel(logicalId, type),
      type,
      action,
      properties: action === 'create' || action === 'delete' ? [] : Object.keys(difference.propertyUpdates),
    });
  });
  return changes;
}
