import type { CellFacts } from '../facts.js';
import { PORTS } from '../ports.js';
import { moderators } from './access.js';
import { type MachineFile, NOTICE } from './file.js';
import { xmppNames } from './names.js';
import { hocon } from './quoting.js';

export const JICOFO_CONFIG = '/etc/jitsi/jicofo/jicofo.conf';

/** The figures of bridge supervision are those with which a killed bridge was replaced in under 10 s in measurements. */
export function jicofo(facts: CellFacts): MachineFile {
  const names = xmppNames(facts.spec.domain);
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
    # Prosody is on the other side of loopback, with a certificate that it signed itself.
    disable-certificate-verification = true
    # Not shorter: the first allocation on a fresh bridge is slow, and would make a good bridge look dead.
    reply-timeout = 15 seconds
  }
  bridge {
    brewery-jid = ${hocon(names.brewery)}
    # One bridge a conference; bridges are not linked with each other.
    selection-strategy = SingleBridgeSelectionStrategy
    stress-threshold = 0.8
    # A bridge that comes back is used again after this time.
    failure-reset-threshold = 10 seconds
    health-checks {
      enabled = true
      use-presence = false
      interval = 1 second
      retry-delay = 200 milliseconds
    }
  }
${moderators(facts)}  octo.enabled = false
  sctp.enabled = true
  # Off: it answers 500 while no bridge is operational, which must not count against the shard.
  health.enabled = false
  rest {
    host = "127.0.0.1"
    port = ${PORTS.jicofo}
    conference-request.enabled = true
    move-endpoints.enabled = true
  }
  local-region = ${hocon(facts.spec.region)}
}
`,
    readBy: ['jicofo'],
  };
}
