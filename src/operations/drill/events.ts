/** Something that happened, and when: milliseconds since the epoch. */
interface At {
  readonly at: number;
}

/** What one participant noticed. */
export type Noticed =
  /** In the room. Says on which shard. */
  | { readonly kind: 'joined'; readonly shard: string }
  /** Sees this number of the expected participants, itself included. */
  | { readonly kind: 'sees'; readonly people: number }
  /** Jicofo assigned a bridge, which receives media at these addresses. */
  | { readonly kind: 'offered'; readonly addresses: readonly string[] }
  /** Jicofo ended the session with the bridge. */
  | { readonly kind: 'ended' }
  /** The connection is dead, or closed. Until `heard` the server answered. */
  | { readonly kind: 'lost'; readonly heard: number }
  /** An attempt to come back failed. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'left' };

export type ParticipantEvent = At & Noticed & { readonly room: string; readonly who: string };

/** One request for a room, and what came of it. */
export interface RequestEvent extends At {
  readonly room: string;
  readonly ok: boolean;
  /** Which shard answered; empty when none did. */
  readonly shard: string;
  /** What went wrong; empty when nothing did. */
  readonly why: string;
}

/** What AWS says of a machine, when that changed. */
export interface MachineEvent extends At {
  readonly id: string;
  /** `shard a`, `bridge`. */
  readonly what: string;
  readonly zone: string;
  readonly state: MachineState;
}

/**
 * `starting`: launched, not yet in use. `serving`: in service, and healthy for the load balancer where it is a target.
 * `leaving`: held by a hook until it is drained. `failing`: in service, but the load balancer sends elsewhere.
 */
export type MachineState = 'starting' | 'serving' | 'failing' | 'leaving' | 'gone';

/** What the drill itself did, or waited for. */
export interface DrillEvent extends At {
  readonly what: string;
}

/** What one browser missed. */
export interface BrowserView {
  readonly name: string;
  /** When it did not see everybody, in seconds after the break; `to` is undefined while it still does not. */
  readonly gaps: readonly { readonly from: number; readonly to: number | undefined }[];
  /** How often its page was reloaded, and how often a user would have had to click. */
  readonly reloads: number;
  readonly clicks: number;
}

/** All that was seen in a drill, each in the order of time. */
export interface Seen {
  /** When it was broken. */
  readonly broken: number;
  readonly participants: readonly ParticipantEvent[];
  readonly requests: readonly RequestEvent[];
  readonly machines: readonly MachineEvent[];
  readonly drill: readonly DrillEvent[];
}
