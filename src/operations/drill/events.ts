/** An event with its time in milliseconds since the epoch. */
interface At {
  readonly at: number;
}

/** An observation of one participant. */
export type Noticed =
  /** It is in the room, on this shard. */
  | { readonly kind: 'joined'; readonly shard: string }
  /** It sees this number of the expected participants, itself included. */
  | { readonly kind: 'sees'; readonly people: number }
  /** Jicofo assigned a bridge, which receives media at these addresses. */
  | { readonly kind: 'offered'; readonly addresses: readonly string[] }
  /** Jicofo ended the session with the bridge. */
  | { readonly kind: 'ended' }
  /** The connection failed or was closed. The server answered until `heard`. */
  | { readonly kind: 'lost'; readonly heard: number }
  /** An attempt to reconnect failed. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'left' };

export type ParticipantEvent = At & Noticed & { readonly room: string; readonly who: string };

/** A request for a room, and its result. */
export interface RequestEvent extends At {
  readonly room: string;
  readonly ok: boolean;
  /** The shard that answered; empty if none did. */
  readonly shard: string;
  /** The error; empty if there was none. */
  readonly why: string;
}

/** A change of a machine's state on AWS. */
export interface MachineEvent extends At {
  readonly id: string;
  /** `shard a`, `bridge`. */
  readonly what: string;
  readonly zone: string;
  readonly state: MachineState;
}

/**
 * `starting`: launched, not yet in service. `serving`: in service, and healthy for the load balancer if it is a target.
 * `leaving`: draining, held by a lifecycle hook. `failing`: in service, but unhealthy for the load balancer.
 */
export type MachineState = 'starting' | 'serving' | 'failing' | 'leaving' | 'gone';

/** An action or a wait of the drill itself. */
export interface DrillEvent extends At {
  readonly what: string;
}

/** Gaps of one browser. */
export interface BrowserView {
  readonly name: string;
  /** Intervals in which it did not see everybody, in seconds after the fault; `to` is undefined while one lasts. */
  readonly gaps: readonly { readonly from: number; readonly to: number | undefined }[];
  /** Number of page reloads, and of clicks that a user would have needed. */
  readonly reloads: number;
  readonly clicks: number;
}

/** All observations of a drill, each list in chronological order. */
export interface Seen {
  /** Time of the fault. */
  readonly broken: number;
  readonly participants: readonly ParticipantEvent[];
  readonly requests: readonly RequestEvent[];
  readonly machines: readonly MachineEvent[];
  readonly drill: readonly DrillEvent[];
}
