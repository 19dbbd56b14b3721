import { AGENT_USER, RECORDER_PASS_FILE } from '../../contract/machine-layout.js';
import type { ShardSpec } from '../../contract/machine-spec.js';
import type { ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { hocon, lua } from './quoting.js';
import { xmppNames } from './xmpp-names.js';

/** What a shard's daemons need for recorders. All of it is empty if the deployment has none. */

const withRecorders = ({ spec }: ShardFacts): boolean => spec.recording !== undefined;

/** Module on the participants' host that decides who may record. */
export const recordingModule = (facts: ShardFacts): string =>
  withRecorders(facts) ? ' "convoke_recording";' : '';

/** Options of the participants' host: the lobby lets recorders pass. */
export function recordingOptions(facts: ShardFacts): string {
  const { recording, domain } = facts.spec;
  if (!recording) return '';
  return `
    convoke_recorded_by = ${lua(recording.who)}
    muc_lobby_whitelist = { ${lua(xmppNames(domain).recorder)} }`;
}

/** Options of the component of meetings: recorders need no invitation. */
export const recorderAdmission = (facts: ShardFacts): string =>
  withRecorders(facts)
    ? `
    token_verification_allowlist = { ${lua(xmppNames(facts.spec.domain).recorder)} }`
    : '';

/** Domains whose participants enter meetings without the meeting's password. */
export const passwordWhitelist = (facts: ShardFacts): string =>
  withRecorders(facts) ? `, ${lua(xmppNames(facts.spec.domain).recorder)}` : '';

/** Recorders' accounts at the daemons' host. */
export const recorderDaemon = (facts: ShardFacts): string =>
  withRecorders(facts) ? `, ${lua(xmppNames(facts.spec.domain).recorderAccount)}` : '';

/** The rooms that accounts at the daemons' host may use. */
export function breweries(facts: ShardFacts): string {
  const { bridgeAccount, brewery, recorderAccount, recorderBrewery } = xmppNames(facts.spec.domain);
  const recorders = withRecorders(facts) ? `; [${lua(recorderAccount)}] = ${lua(recorderBrewery)}` : '';
  return `convoke_breweries = { [${lua(bridgeAccount)}] = ${lua(brewery)}${recorders} }`;
}

/** The hidden host, at which recorders' browsers log in. It has one account. */
export function recorderHost(facts: ShardFacts): string {
  if (!withRecorders(facts)) return '';
  const names = xmppNames(facts.spec.domain);
  return `
-- The browsers of recorders.
VirtualHost ${lua(names.recorder)}
    authentication = "internal_hashed"
    storage = "internal"
    modules_enabled = { "convoke_recording" } -- convoke's own
    main_muc = ${lua(names.conference)}
`;
}

/**
 * Jicofo's part. Only its moderators may record, unless everybody may; Prosody checks it before. Jicofo does not count
 * recorders as participants who keep a meeting open.
 */
export function jicofoRecording(facts: ShardFacts): string {
  const { recording, domain } = facts.spec;
  if (!recording) return '';
  const names = xmppNames(domain);
  return `  jibri {
    brewery-jid = ${hocon(names.recorderBrewery)}
    # From the request until the recording has started.
    pending-timeout = 90 seconds
  }
  xmpp.trusted-domains = [ ${hocon(names.recorder)} ]
  conference.enable-moderator-checks = ${recording.who === 'moderators'}
`;
}

/** YouTube's keys, and addresses of other servers with their key. */
const STREAM = '^(?:[a-zA-Z0-9]{4}(?:-(?!$)|$)){4,5}$|^[rR][tT][mM][pP][sS]?://[^\\s]+$';

/** The page's part, as keys of Jitsi's `config.js`. Prosody tells it who gets the buttons. */
export function recordingConfig({ spec }: ShardFacts): Record<string, unknown> {
  if (!spec.recording) return {};
  return {
    hiddenDomain: xmppNames(spec.domain).recorder,
    // The warning about storage speaks of 24 hours.
    recordingService: { enabled: true, sharingEnabled: false, hideStorageWarning: true },
    liveStreaming: { enabled: true, validatorRegExpString: STREAM },
    // Participants are muted when a recording begins, until they agree to be recorded.
    recordings: { requireConsent: true, showPrejoinWarning: true },
  };
}

/** With it the agent knows a recorder's browser. */
export function recorderPass({ spec, passwords }: ShardFacts): MachineFile[] {
  if (!spec.recording || !passwords.recorder) return [];
  return [
    {
      path: RECORDER_PASS_FILE,
      mode: 0o640,
      owner: `root:${AGENT_USER}`,
      text: passwords.recorder.page,
      readBy: ['convoke-agent'],
    },
  ];
}

const JICOFO_LOGGING = '/etc/jitsi/jicofo/convoke-logging.properties';

/** Jicofo's file for Java's logging, if not that of its package. */
export const jicofoLoggingFile = ({ recording }: Pick<ShardSpec, 'recording'>): string | undefined =>
  recording && JICOFO_LOGGING;

/**
 * As in Jicofo's package, but without the two classes that log requests to stream as they are, with the key of the
 * stream.
 */
export function jicofoLogging(facts: ShardFacts): MachineFile[] {
  if (!withRecorders(facts)) return [];
  return [
    {
      path: JICOFO_LOGGING,
      mode: 0o644,
      owner: 'root:root',
      text: `# ${NOTICE}
handlers = java.util.logging.ConsoleHandler
java.util.logging.ConsoleHandler.level = ALL
java.util.logging.ConsoleHandler.formatter = org.jitsi.utils.logging2.JitsiLogFormatter
java.util.logging.ConsoleHandler.filter = org.jitsi.impl.protocol.xmpp.log.ExcludeXmppPackets
org.jitsi.utils.logging2.JitsiLogFormatter.programname = Jicofo
.level = INFO
BaseJibri.level = WARNING
org.jitsi.jicofo.xmpp.JibriIqHandler.level = SEVERE
`,
      readBy: ['jicofo'],
    },
  ];
}
