export type {
  Access,
  Architecture,
  Bridges as BridgesSettings,
  BusyTime,
  Logo,
  Meetings as MeetingsSettings,
  PackageSource,
  Ssh,
} from '../config/deployment.js';
export { DEFAULT_SHARD_TYPE } from '../config/size.js';
export type { Alerts } from './alerts.js';
export type { Bridges } from './bridges.js';
export type { Ingress } from './ingress.js';
export { JitsiMeet } from './jitsi-meet.js';
export type { Network } from './network.js';
export type { BridgesWanted, JitsiMeetProps, MeetingsWanted } from './props.js';
export type { Shard } from './shard.js';
export type { Turn } from './turn.js';
