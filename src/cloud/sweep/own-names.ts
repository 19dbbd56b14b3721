import { ALARMS, DIRECT_ALARMS } from '../../contract/alerts.js';
import {
  ALERTS_RULE,
  alarmName,
  alertsName,
  bridgeSeedName,
  bridgesGroupName,
  dashboardName,
  HOURS_RULE,
  imageBuilderName,
  loginName,
  logsName,
  machineRoleName,
  RECORDER_ALARMS,
  recorderAlarmName,
  recorderSeedName,
  recordersGroupName,
  roleName,
  ruleName,
  SCALING_ALARMS,
  scalingAlarmName,
  seedName,
  shardGroupName,
  shardNames,
  webhooksName,
} from '../../contract/names.js';

/** Shards are named by letters, so there are at most this many. */
const LETTERS = 26;

/**
 * The names of everything that the sweep finds by its name alone. Whole names, not prefixes: `convoke-meet-two-seed` has
 * the prefix of the deployment `meet`, but belongs to `meet-two`. Names of roles contain the region, because roles belong
 * to the account, and another region may have a deployment of the same name.
 */
export function ownNames(deployment: string, region: string): ReadonlySet<string> {
  const groups = [
    ...shardNames(LETTERS).map((shard) => shardGroupName(deployment, shard)),
    bridgesGroupName(deployment),
    recordersGroupName(deployment),
  ];
  return new Set([
    seedName(deployment),
    bridgeSeedName(deployment),
    recorderSeedName(deployment),
    webhooksName(deployment),
    loginName(deployment),
    alertsName(deployment),
    logsName(deployment),
    ruleName(deployment, ALERTS_RULE),
    ruleName(deployment, HOURS_RULE),
    dashboardName(deployment, region),
    ...[...ALARMS, ...DIRECT_ALARMS].map((alarm) => alarmName(deployment, alarm)),
    ...SCALING_ALARMS.map((alarm) => scalingAlarmName(deployment, alarm)),
    ...RECORDER_ALARMS.map((alarm) => recorderAlarmName(deployment, alarm)),
    ...(['deploy', 'publish', 'execute'] as const).map((purpose) => roleName(deployment, purpose, region)),
    ...[...groups, imageBuilderName(deployment), alertsName(deployment)].map((name) =>
      machineRoleName(name, region),
    ),
  ]);
}
