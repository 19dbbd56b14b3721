import { PORTS } from '../../contract/ports.js';
import type { BridgeFacts, ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { mucClient } from './muc-client.js';
import { hocon } from './quoting.js';

export const VIDEOBRIDGE_CONFIG = '/etc/jitsi/videobridge/jvb.conf';

/** A co-located bridge logs in at its own machine's Prosody; a dedicated one at every shard. */
export function videobridge(facts: ShardFacts | BridgeFacts): MachineFile {
  const { instance } = facts;
  return {
    path: VIDEOBRIDGE_CONFIG,
    mode: 0o640,
    owner: 'jvb:root',
    text: `# ${NOTICE}
videobridge {
  apis.rest.enabled = true
  # Until its warm-up, the bridge gets participants only if there is no other bridge.
  initial-drain-mode = true
${'shard' in facts.spec ? colocated(facts as ShardFacts) : relay(facts)}  ice.udp.port = ${PORTS.media}
  # Without a public address, participants are in the machine's own network.
  health.require-valid-address = ${instance.publicAddress !== null}
  http-servers.private { host = "127.0.0.1", port = ${PORTS.bridgeRest} }
  rest.shutdown.enabled = true
  # Media and data channels use UDP only: no HTTP of a bridge crosses the load balancer.
  websockets.enabled = false
}
jmt.keyframe {
  # A participant who missed a key frame sees nothing of that camera before the next one. Videobridge lets each send
  # three requests in ten seconds, 10 ms apart when close to the bridge: all three are used up before the page has
  # processed the first. A camera still gets at most one request per 200 ms (source-wide-max-requests).
  max-requests = 1
  max-request-interval = 200 ms
}
ice4j.harvest.mapping {
  # The addresses are known: asking AWS or a STUN server takes seconds at start, and a failure would stop the bridge.
  aws.enabled = false
  stun.enabled = false
  static-mappings = [${mapping(instance)}]
}
`,
    readBy: ['jitsi-videobridge2'],
  };
}

/** The shard of a co-located bridge. A dedicated one is logged in at its shards by the agent. */
function colocated({ spec, instance, passwords }: ShardFacts): string {
  const fields = mucClient(spec.domain, {
    hostname: '127.0.0.1',
    password: passwords.bridge,
    nickname: instance.instanceId,
  });
  const lines = Object.entries(fields).map(([name, value]) => `    ${name} = ${hocon(value)}\n`);
  return `  apis.xmpp-client.configs.${hocon(`shard-${spec.shard}`)} {\n${lines.join('')}  }\n`;
}

/** Bridges relay media of one meeting to each other, so that participants can be moved one by one. */
function relay({ spec, instance }: ShardFacts | BridgeFacts): string {
  return `  relay {
    enabled = true
    # Jicofo prefers bridges in its own region.
    region = ${hocon(spec.region)}
    relay-id = ${hocon(instance.instanceId)}
  }
`;
}

function mapping({ privateAddress, publicAddress }: ShardFacts['instance']): string {
  if (publicAddress === null) return '';
  return `
    { local-address = ${hocon(privateAddress)}, public-address = ${hocon(publicAddress)}, name = "public" }
  `;
}
