import { RECORDINGS_FOLDER } from '../../contract/machine-layout.js';
import { PORTS } from '../../contract/ports.js';
import { recorderUserAgent } from '../../contract/recording.js';
import type { RecorderFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { hocon } from './quoting.js';
import { xmppNames } from './xmpp-names.js';

/** The package's, which its start script names. */
const JIBRI_CONFIG = '/etc/jitsi/jibri/jibri.conf';
/** The package's, which its start script names. */
const JIBRI_LOGGING = '/etc/jitsi/jibri/logging.properties';

/** Size of the picture, of the display and of the recording. */
export const SCREEN = { width: 1920, height: 1080, depth: 24 } as const;

/** PulseAudio's sink that the browser plays to. FFmpeg records its monitor. */
export const SINK = 'recorder';

/** Of the display and the sink, as in Jibri's own configuration, but with PulseAudio for ALSA. */
const CAPTURE = [
  ...['-y', '-v', 'info'],
  ...['-f', 'x11grab', '-draw_mouse', '0', '-r', '30', '-s', `${SCREEN.width}x${SCREEN.height}`],
  ...['-thread_queue_size', '4096', '-i', ':0.0+0,0'],
  ...['-f', 'pulse', '-thread_queue_size', '4096', '-i', `${SINK}.monitor`],
  ...['-c:a', 'aac', '-ar', '44100', '-b:a', '128k', '-af', 'aresample=async=1'],
  ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-r', '30', '-g', '60', '-crf', '25'],
];

/** A fragment every two seconds, with each key frame. */
const RECORDING = [
  ...['-preset', 'ultrafast', '-profile:v', 'main', '-f', 'mp4'],
  ...['-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-flush_packets', '1'],
];

const STREAMING = [
  ...['-preset', 'veryfast', '-tune', 'zerolatency', '-maxrate', '2976k', '-bufsize', '5952k'],
  ...['-f', 'flv'],
];

const command = (output: readonly string[]): string =>
  ['ffmpeg', ...CAPTURE, ...output].map(hocon).join(', ');

/**
 * A browser of this kind whose version the page supports. A constant, because the real version is known only once the
 * package is installed, and the page's features do not depend on it.
 */
const BROWSER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/**
 * The recorder's configuration. It logs in at each shard as the same machine; its browser opens a meeting through the load
 * balancer, as a participant's does.
 */
export function jibri(facts: RecorderFacts): MachineFile {
  const { spec, instance, passwords } = facts;
  const names = xmppNames(spec.domain);
  const [internal = ''] = names.recorderBrewery.split('@').slice(1);
  return {
    path: JIBRI_CONFIG,
    mode: 0o640,
    owner: 'root:jibri',
    text: `# ${NOTICE}
jibri {
  id = ${hocon(instance.instanceId)}
  api {
    http { external-api-host = "127.0.0.1", external-api-port = ${PORTS.recorderRest}, internal-api-host = "127.0.0.1", internal-api-port = ${PORTS.recorderControl} }
    xmpp.environments = [${shards(facts).length === 0 ? '' : environment()}]
  }
  recording {
    recordings-directory = ${hocon(RECORDINGS_FOLDER)}
    # The agent uploads recordings while they are written.
    finalize-script = "/usr/bin/true"
  }
  ffmpeg {
    # Written in fragments, which are only appended: the file can be uploaded while it grows, and what was written before a
    # crash can be played.
    command-linux-recording = [ ${command(RECORDING)} ]
    command-linux-streaming = [ ${command(STREAMING)} ]
  }
  chrome.flags = [
    "--use-fake-ui-for-media-stream"
    "--start-maximized"
    "--kiosk"
    "--enabled"
    "--autoplay-policy=no-user-gesture-required"
    "--disable-infobars"
    "--no-first-run"
    # The page knows the recorder by it.
    ${hocon(`--user-agent=${recorderUserAgent(BROWSER, passwords.page)}`)}
  ]
  stats { enable-stats-d = false, prometheus.enabled = ${spec.prometheus === true} }
}
`,
    readBy: ['jibri'],
  };

  function environment(): string {
    return `{
      name = ${hocon(spec.deployment)}
      xmpp-server-hosts = [ ${shards(facts).map(hocon).join(', ')} ]
      xmpp-domain = ${hocon(names.domain)}
      base-url = ${hocon(`https://${spec.domain}`)}
      control-muc { domain = ${hocon(internal)}, room-name = "jibribrewery", nickname = ${hocon(instance.instanceId)} }
      control-login { domain = ${hocon(names.auth)}, username = "jibri", password = ${hocon(passwords.brewery)} }
      call-login { domain = ${hocon(names.recorder)}, username = "recorder", password = ${hocon(passwords.meetings)} }
      strip-from-room-domain = "conference."
      # A recording lasts as long as its meeting.
      usage-timeout = 0
      # Prosody is in the same network, with a self-signed certificate.
      trust-all-xmpp-certs = true
    }`;
  }
}

/** Prosody of each shard. */
const shards = ({ members }: RecorderFacts): string[] =>
  members
    .filter(({ role }) => role === 'shard')
    .map(({ privateAddress }) => `${privateAddress}:${PORTS.prosodyClient}`);

/**
 * To the journal. Classes that log the address of a stream, which contains its key, log nothing but errors; FFmpeg's own
 * output, Chromium's and its driver's, with what participants do, is not kept.
 */
export function jibriLogging(): MachineFile {
  return {
    path: JIBRI_LOGGING,
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
handlers = java.util.logging.ConsoleHandler
java.util.logging.ConsoleHandler.level = ALL
java.util.logging.ConsoleHandler.formatter = org.jitsi.utils.logging2.JitsiLogFormatter
org.jitsi.utils.logging2.JitsiLogFormatter.programname = Jibri
.level = WARNING
org.jitsi.jibri.Main.level = INFO
org.jitsi.jibri.JibriManager.level = INFO
org.jitsi.jibri.status.JibriStatusManager.level = INFO
${['capture.ffmpeg.util.Ffmpeg', 'selenium.util.Browser', 'sipgateway.pjsua.util.Pjsua'].map(silent).join('')}`,
    readBy: ['jibri'],
  };
}

/**
 * Chromium shows a bar over the page that says that a program controls it, unless this policy is false (Chrome Enterprise policy
 * list). The others would show bubbles.
 */
const POLICIES = {
  CommandLineFlagSecurityWarningsEnabled: false,
  PasswordManagerEnabled: false,
  TranslateEnabled: false,
};

/** Nothing but the meeting is in the picture. Chromium reads it when it starts, at each recording. */
export const browserPolicies = (): MachineFile => ({
  path: '/etc/chromium/policies/managed/convoke.json',
  mode: 0o644,
  owner: 'root:root',
  text: `${JSON.stringify(POLICIES, null, 2)}\n`,
  readBy: [],
});

/** A handler that writes nothing. It still creates its file. */
const silent = (handler: string): string =>
  `org.jitsi.jibri.${handler}FileHandler.level = OFF
org.jitsi.jibri.${handler}FileHandler.pattern = /var/log/jitsi/jibri/${handler.split('.').pop()?.toLowerCase()}.%g.txt
`;
