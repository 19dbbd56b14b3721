/**
 * Every port that a machine listens on. Security groups and rendered configuration both use this list, so that they
 * cannot diverge.
 */
export const PORTS = {
  /** HAProxy, from the load balancer only. */
  edge: 80,
  /** nginx of this shard: from its own HAProxy, and from the HAProxies of other shards. */
  web: 8001,
  /** Prosody BOSH and WebSocket, loopback only. */
  prosodyHttp: 5280,
  /** Prosody XMPP: Jicofo and the co-located bridge over loopback, bridges and recorders from their security groups. */
  prosodyClient: 5222,
  /** Jicofo's REST, loopback only. */
  jicofo: 8888,
  /** Videobridge's REST, loopback only. */
  bridgeRest: 8080,
  /** Jibri's REST of its state, loopback only. */
  recorderRest: 2222,
  /** Jibri's REST for its own machine, loopback only. */
  recorderControl: 3333,
  /** Media, UDP, from everywhere. */
  media: 10_000,
  /** The agent's health and metrics, loopback only. */
  agent: 8100,
  /** A shard's agent: nginx's conference requests, access checks and Jicofo's health, loopback only. */
  access: 8104,
  /** A shard's agent: draining bridges ask it to move their participants; from the bridges' security group. */
  agentForBridges: 8101,
  /** A shard's agent: HAProxy agent checks of all shards, whether the shard accepts new rooms; from shards. */
  agentCheck: 8102,
  /** HAProxy, TURN from its load balancer only. */
  turn: 3478,
  /** coturn: from HAProxy of this shard over loopback, and from the HAProxies of other shards. */
  turnServer: 3479,
  /** The agent's metrics for Prometheus, if the configuration has it; from the ranges in the configuration. */
  prometheus: 8105,
  /** HAProxy's metrics for Prometheus, loopback only. */
  edgeMetrics: 8106,
  /** HAProxy peers: synchronisation of the stick table between all shards; from shards. */
  peers: 8103,
} as const;

type Name = keyof typeof PORTS;

/**
 * Who may connect to each port from another machine. Everything that listens on an address other than loopback must
 * have a source other than `nobody`.
 */
export const REACHED_BY: Readonly<
  Record<
    Name,
    {
      protocol: 'tcp' | 'udp';
      from: 'everywhere' | 'load balancer' | 'shards' | 'bridges' | 'monitoring' | 'nobody';
    }
  >
> = {
  edge: { protocol: 'tcp', from: 'load balancer' },
  web: { protocol: 'tcp', from: 'shards' },
  prosodyHttp: { protocol: 'tcp', from: 'nobody' },
  prosodyClient: { protocol: 'tcp', from: 'bridges' },
  jicofo: { protocol: 'tcp', from: 'nobody' },
  bridgeRest: { protocol: 'tcp', from: 'nobody' },
  recorderRest: { protocol: 'tcp', from: 'nobody' },
  recorderControl: { protocol: 'tcp', from: 'nobody' },
  media: { protocol: 'udp', from: 'everywhere' },
  agent: { protocol: 'tcp', from: 'nobody' },
  access: { protocol: 'tcp', from: 'nobody' },
  agentForBridges: { protocol: 'tcp', from: 'bridges' },
  agentCheck: { protocol: 'tcp', from: 'shards' },
  turn: { protocol: 'tcp', from: 'load balancer' },
  turnServer: { protocol: 'tcp', from: 'shards' },
  peers: { protocol: 'tcp', from: 'shards' },
  prometheus: { protocol: 'tcp', from: 'monitoring' },
  edgeMetrics: { protocol: 'tcp', from: 'nobody' },
};
