import type { BridgeObservation, ShardObservation } from '../src/node/agent/observation.js';

const bridge = {
  healthy: true,
  statistics: { stress: 0.1, participants: 7, draining: false, breweries: 2 },
};

/** A solo machine on which all is well. */
export function sampleShard(changes: Partial<ShardObservation> = {}): ShardObservation {
  return {
    edgeServes: true,
    connections: 12,
    prosodyServes: true,
    jicofo: {
      version: '1.0',
      statistics: { participants: 7, conferences: 2, bridges: 1, operationalBridges: 1 },
    },
    bridge,
    units: {
      prosody: 'active',
      jicofo: 'active',
      'jitsi-videobridge2': 'active',
      nginx: 'active',
      haproxy: 'active',
    },
    ...changes,
  };
}

/** A bridge with a machine of its own that serves two shards. */
export function sampleBridgeSeen(changes: Partial<BridgeObservation> = {}): BridgeObservation {
  return { bridge, units: { 'jitsi-videobridge2': 'active', 'convoke-agent': 'active' }, ...changes };
}
