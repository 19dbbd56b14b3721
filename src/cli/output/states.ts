import type { Status } from '../../operations/status.js';

/** The overall state of a deployment, in words. */
export const STATES: Record<Status['state'], string> = {
  absent: 'not deployed',
  closed: 'closed',
  changing: 'CloudFormation is changing it',
  serving: 'serving',
  degraded: 'serving, but degraded',
  recovering: 'recovering: a machine is being replaced',
  down: 'down',
};
