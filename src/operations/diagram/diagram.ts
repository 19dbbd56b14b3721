import { Eta } from 'eta';
import type { Deployment, Recording } from '../../config/deployment.js';
import { shardNames } from '../../contract/names.js';
import { SHARDS } from './shards.js';
import { SOLO } from './solo.js';

/** The architecture of a deployment as an SVG document. */
export function architectureDiagram(deployment: Deployment): string {
  const eta = new Eta({ autoTrim: false });
  const { bridges, recording } = deployment;
  return eta.renderString(bridges ? SHARDS : SOLO, {
    domain: deployment.domain,
    region: deployment.region,
    type: `${deployment.machines.shard}, Debian 13`,
    dns: deployment.dns.kind === 'route53' ? 'Route 53 alias' : 'your DNS',
    certificate: deployment.certificate ? 'your certificate' : 'ACM certificate',
    alerts: recipients(deployment.alerts),
    turn: deployment.turn,
    shards: titles(deployment.shards).map((title, index) => ({ title, x: index === 0 ? 526 : 752 })),
    ...(bridges && {
      bridges: bridges.min === bridges.max ? `${bridges.min}` : `${bridges.min} to ${bridges.max}`,
      bridgeTypes: `${bridges.types.join(', ')}${bridges.spot > 0 ? `; ${bridges.spot} % spot` : ''}`,
    }),
    ...(recording && { recorders: recorders(recording) }),
  });
}

/** How many recorders there may be, of which type, and how long the bucket keeps their files. */
function recorders({ max, type, keepDays }: Recording): { count: string; type: string; keep: string } {
  return {
    count: `up to ${max}`,
    type,
    keep: keepDays === undefined ? 'S3, kept after down' : `S3, ${keepDays} days`,
  };
}

/** The first address, and how many others there are. */
function recipients({ emails, webhooks }: Deployment['alerts']): string {
  const others = emails.length + webhooks.length - 1;
  return others > 0 ? `${emails[0]} and ${others} more` : `${emails[0]}`;
}

/** Two boxes, however many shards there are: one a zone. */
function titles(shards: number): string[] {
  const every = (first: number) => shardNames(shards).filter((_, index) => index % 2 === first);
  const title = (names: string[]) =>
    names.length === 1 ? `shard ${names[0]}: exactly 1` : `shards ${names.join(', ')}: 1 each`;
  return [title(every(0)), title(every(1))];
}
