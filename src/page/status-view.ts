/** What the page of `status --web` shows. The command line makes it from the status; the page only draws it. */
export interface Live {
  /** When it was read, ISO 8601. */
  readonly at: string;
  readonly domain: string;
  readonly health: Health;
  /** The overall state, in words. */
  readonly state: string;
  readonly figures: readonly { readonly name: string; readonly value: string }[];
  /** What is wrong or noteworthy, a sentence each. */
  readonly notes: readonly string[];
  readonly nodes: readonly Node[];
  /** Of the last day, newest first; unset: not read yet. */
  readonly incidents?: readonly Incident[];
  /** Of the last hour. */
  readonly lanes: readonly Lane[];
  readonly events: readonly Event[];
  readonly history: LastHour;
}

export interface Incident {
  /** When it began, ISO 8601. */
  readonly at: string;
  readonly text: string;
  /** `12 min`, `goes on`; `–` if a machine failed. */
  readonly lasted: string;
  readonly goesOn: boolean;
}

/** An incident, or the states of a machine, over the last hour. */
export interface Lane {
  readonly id: string;
  readonly name: string;
  readonly spans: readonly Span[];
}

/** From and to: shares of the hour, 0 to 1. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly health: Health;
  /** `starts`, `failed`, … */
  readonly what: string;
  /** For screen readers: `starts 14:03 to 14:05`. */
  readonly title: string;
}

/** `starting`: neither good nor bad yet, or being removed. */
export type Health = 'good' | 'starting' | 'ill';

/** A machine. */
export interface Node {
  readonly id: string;
  readonly role: 'shard' | 'bridge';
  /** `shard a`, `bridge`. */
  readonly name: string;
  readonly zone: string;
  readonly health: Health;
  /** What it does, in a few words: `12 people, 3 meetings`. */
  readonly load: string;
  readonly details: readonly (readonly [name: string, value: string])[];
}

/** Something that Auto Scaling did. */
export interface Event {
  readonly at: string;
  readonly text: string;
  readonly failed: boolean;
}

/** Values by minute, oldest first; null: none. */
export interface LastHour {
  /** Seconds since 1970. */
  readonly at: readonly number[];
  readonly people: readonly (number | null)[];
  readonly meetings: readonly (number | null)[];
  readonly stress: readonly (number | null)[];
  readonly highestStress: readonly (number | null)[];
}

/** The map: zones by name, in each shards before bridges, by name and id. */
export function zones(nodes: readonly Node[]): (readonly [zone: string, nodes: readonly Node[]])[] {
  const names = [...new Set(nodes.map(({ zone }) => zone))].sort();
  const order = (node: Node) => `${node.role === 'shard' ? 0 : 1} ${node.name} ${node.id}`;
  return names.map((zone) => [
    zone,
    nodes.filter((node) => node.zone === zone).toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
  ]);
}
