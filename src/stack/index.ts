export type { Architecture, Bridges as BridgesWanted, PackageSource } from '../config/deployment.js';
export { Alerts, type AlertsProps } from './alerts.js';
export { Bridges, type BridgesProps } from './bridges.js';
export { Budget, type BudgetProps } from './budget.js';
export { Cell, type CellProps } from './cell.js';
export { FrontDoor, type FrontDoorProps } from './front-door.js';
export { DEFAULT_CELL_TYPE, JitsiMeet, type JitsiMeetProps } from './jitsi-meet.js';
export { Network } from './network.js';
