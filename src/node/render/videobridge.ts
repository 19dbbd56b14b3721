import type { Facts } from '../facts.js';
import { PORTS } from '../ports.js';
import { type MachineFile, NOTICE } from './file.js';
import { xmppNames } from './names.js';
import { hocon } from './quoting.js';

export const VIDEOBRIDGE_CONFIG = '/etc/jitsi/videobridge/jvb.conf';

/** A bridge on board: it shows itself to the Jicofo of its own machine. */
export function videobridge(facts: Facts): MachineFile {
  const { spec, surroundings } = facts;
  return {
    path: VIDEOBRIDGE_CONFIG,
    mode: 0o640,
    owner: 'jvb:root',
    text: `# ${NOTICE}
videobridge {
  apis.rest.enabled = true
${spec.role === 'cell' ? onBoard(facts, spec.cell) : ''}  ice.udp.port = ${PORTS.media}
  # Without a public address, participants are in the machine's own network.
  health.require-valid-address = ${surroundings.publicAddress !== null}
  http-servers.private { host = "127.0.0.1", port = ${PORTS.bridgeRest} }
  rest.shutdown.enabled = true
  # Media travels over SCTP data channels and UDP only: no bridge HTTP crosses the load balancer.
  websockets.enabled = false
}
ice4j.harvest.mapping {
  # The addresses are known: to ask AWS or a STUN server costs seconds at start and fails closed.
  aws.enabled = false
  stun.enabled = false
  static-mappings = [${mapping(surroundings)}]
}
`,
    readBy: ['jitsi-videobridge2'],
  };
}

/** The shard that a bridge on board serves. A bridge with a machine of its own is told of its shards by the agent. */
function onBoard({ spec, surroundings, passwords }: Facts, cell: string): string {
  const names = xmppNames(spec.domain);
  return `  apis.xmpp-client.configs.${hocon(`cell-${cell}`)} {
    hostname = "127.0.0.1"
    port = ${hocon(String(PORTS.prosodyClient))}
    domain = ${hocon(names.auth)}
    username = "jvb"
    password = ${hocon(passwords.bridge)}
    muc_jids = ${hocon(names.brewery)}
    # Jicofo names the bridge by it, as in move-endpoints.
    muc_nickname = ${hocon(surroundings.instanceId)}
    # Prosody is on the other side of loopback, with a certificate that it signed itself.
    disable_certificate_verification = true
  }
`;
}

function mapping({ privateAddress, publicAddress }: Facts['surroundings']): string {
  if (publicAddress === null) return '';
  return `
    { local-address = ${hocon(privateAddress)}, public-address = ${hocon(publicAddress)}, name = "public" }
  `;
}
