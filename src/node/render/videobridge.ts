import { PORTS } from '../../contract/ports.js';
import type { Facts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { mucClient } from './muc-client.js';
import { hocon } from './quoting.js';

export const VIDEOBRIDGE_CONFIG = '/etc/jitsi/videobridge/jvb.conf';

/** A co-located bridge shows itself to the Jicofo of its own machine; one with a machine of its own, to that of every shard. */
export function videobridge(facts: Facts): MachineFile {
  const { spec, instance } = facts;
  return {
    path: VIDEOBRIDGE_CONFIG,
    mode: 0o640,
    owner: 'jvb:root',
    text: `# ${NOTICE}
videobridge {
  apis.rest.enabled = true
${spec.role === 'shard' ? onBoard(facts, spec.shard) : relay(facts)}  ice.udp.port = ${PORTS.media}
  # Without a public address, participants are in the machine's own network.
  health.require-valid-address = ${instance.publicAddress !== null}
  http-servers.private { host = "127.0.0.1", port = ${PORTS.bridgeRest} }
  rest.shutdown.enabled = true
  # Media travels over SCTP data channels and UDP only: no bridge HTTP crosses the load balancer.
  websockets.enabled = false
}
jmt.keyframe {
  # Somebody who missed a camera's key frame sees nothing of it before the next. Videobridge lets each ask three times in ten
  # seconds, 10 ms apart where they are near the bridge: all three are gone before their page has taken the first. A camera
  # is asked every 200 ms at the most all the same, whoever wants it (source-wide-max-requests).
  max-requests = 1
  max-request-interval = 200 ms
}
ice4j.harvest.mapping {
  # The addresses are known: to ask AWS or a STUN server costs seconds at start and fails closed.
  aws.enabled = false
  stun.enabled = false
  static-mappings = [${mapping(instance)}]
}
`,
    readBy: ['jitsi-videobridge2'],
  };
}

/** The shard that a co-located bridge serves. A bridge with a machine of its own is told of its shards by the agent. */
function onBoard({ spec, instance, passwords }: Facts, shard: string): string {
  const fields = mucClient(spec.domain, {
    hostname: '127.0.0.1',
    password: passwords.bridge,
    nickname: instance.instanceId,
  });
  const lines = Object.entries(fields).map(([name, value]) => `    ${name} = ${hocon(value)}\n`);
  return `  apis.xmpp-client.configs.${hocon(`shard-${shard}`)} {\n${lines.join('')}  }\n`;
}

/** Bridges of one meeting send each other what their participants need, so that people can be moved one by one. */
function relay({ spec, instance }: Facts): string {
  return `  # Until the agent has warmed it up, it is given people only where there is no other bridge.
  initial-drain-mode = true
  relay {
    enabled = true
    # Jicofo takes bridges of its own region first.
    region = ${hocon(spec.region)}
    relay-id = ${hocon(instance.instanceId)}
  }
`;
}

function mapping({ privateAddress, publicAddress }: Facts['instance']): string {
  if (publicAddress === null) return '';
  return `
    { local-address = ${hocon(privateAddress)}, public-address = ${hocon(publicAddress)}, name = "public" }
  `;
}
