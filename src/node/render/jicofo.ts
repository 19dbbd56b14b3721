import { PORTS } from '../../contract/ports.js';
import type { ShardFacts } from '../facts.js';
import { moderators } from './access.js';
import { type MachineFile, NOTICE } from './file.js';
import { hocon } from './quoting.js';
import { jicofoRecording } from './recording.js';
import { xmppNames } from './xmpp-names.js';

export const JICOFO_CONFIG = '/etc/jitsi/jicofo/jicofo.conf';

/** How Jicofo selects a participant's bridge. */
const SELECTION = {
  /** A single bridge. */
  colocated: { strategy: 'SingleBridgeSelectionStrategy', relays: false },
  /**
   * All bridges are in one region, so a conference stays on one bridge unless that is overloaded, drains, or has 80
   * of its participants (Jicofo's `max-bridge-participants`). Then the next participant gets another bridge, and a
   * relay connects the two.
   */
  dedicated: { strategy: 'RegionBasedBridgeSelectionStrategy', relays: true },
} as const;

/** The health check intervals are those with which a killed bridge was replaced in under 10 s in measurements. */
export function jicofo(facts: ShardFacts): MachineFile {
  const names = xmppNames(facts.spec.domain);
  const selection = facts.spec.colocatedBridge ? SELECTION.colocated : SELECTION.dedicated;
  return {
    path: JICOFO_CONFIG,
    mode: 0o640,
    owner: 'jicofo:root',
    text: `# ${NOTICE}
jicofo {
  xmpp.client {
    hostname = "127.0.0.1"
    port = ${PORTS.prosodyClient}
    domain = ${hocon(names.auth)}
    xmpp-domain = ${hocon(names.domain)}
    username = "focus"
    password = ${hocon(facts.passwords.focus)}
    conference-muc-jid = ${hocon(names.conference)}
    client-proxy = ${hocon(names.focus)}
    # Prosody is on loopback, with a self-signed certificate.
    disable-certificate-verification = true
    # Not shorter: the first allocation on a new bridge is slow, and a healthy bridge would count as dead.
    reply-timeout = 15 seconds
  }
  bridge {
    brewery-jid = ${hocon(names.brewery)}
    selection-strategy = ${selection.strategy}
    stress-threshold = 0.8
    # A bridge that recovers is used again after this time.
    failure-reset-threshold = 10 seconds
    health-checks {
      enabled = true
      use-presence = false
      interval = 1 second
      retry-delay = 200 milliseconds
    }
  }
${moderators(facts)}${jicofoRecording(facts)}  # Whether a conference may be on several bridges. The bridges need the matching setting.
  octo.enabled = ${selection.relays}
  sctp.enabled = true
  # Off: it returns 500 while no bridge is operational, which must not count against the shard.
  health.enabled = false
  rest {
    host = "127.0.0.1"
    port = ${PORTS.jicofo}
    # Used by the agent only.
    conference-request.enabled = true
    move-endpoints.enabled = true
    debug.enabled = true
    pin.enabled = false
    prometheus.enabled = ${facts.spec.prometheus === true}
  }
  local-region = ${hocon(facts.spec.region)}
}
`,
    readBy: ['jicofo'],
  };
}
