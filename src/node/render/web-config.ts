import type { ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { js } from './quoting.js';
import { recordingConfig } from './recording.js';
import { meetingConfig } from './web-settings.js';
import { xmppNames } from './xmpp-names.js';

export const WEB_CONFIG_FILE = '/etc/jitsi/meet/convoke-config.js';

/** Configuration of the client in the browser. nginx inserts the tenant, which consists of plain characters. */
export function webConfig(facts: ShardFacts): MachineFile {
  const { domain, region } = facts.spec;
  const names = xmppNames(domain);
  const config = {
    hosts: { domain: names.domain, focus: names.focus },
    // Media and the data channel go directly to the bridge over UDP.
    bridgeChannel: { preferSctp: true },
    // Without the shard: any shard may serve the page. Prosody names its shard at login.
    deploymentInfo: { region, userRegion: region },
    ...meetingConfig(facts),
    ...recordingConfig(facts),
    prejoinConfig: { enabled: true },
    // No requests to third parties: no avatars, analytics or STUN servers.
    disableThirdPartyRequests: true,
    analytics: { disabled: true },
    // Two participants connect directly if their networks allow it.
    p2p: { enabled: true, stunServers: [] },
    // A dead connection is detected after 3 to 6 s, or 9 s if the last packet was late; by default after 15 to 35 s.
    // The client alone ignores this setting: see src/page/reconnect.ts.
    xmppPing: { interval: 3_000, timeout: 3_000, threshold: 1 },
    // Every 10 to 70 s each participant checks whether their room is still on their shard; by default every 60 to 120
    // s.
    websocketKeepAlive: 10_000,
    // If it is not, they change to the other shard within the page. ("enableForcedReload" would reload pages, and
    // also whenever a bridge is replaced.)
    testing: { enableGracefulReconnect: true },
  };
  return {
    path: WEB_CONFIG_FILE,
    mode: 0o644,
    owner: 'root:root',
    text: `// ${NOTICE}
var tenant = '<!--# echo var="tenant" default="" -->';
// Without server-side includes there is no tenant.
if (tenant.charAt(0) === '<') tenant = '';
var subdir = tenant ? tenant + '/' : '';
var subdomain = tenant ? tenant.split('.').join('_').toLowerCase() + '.' : '';

var config = ${js(config, 2)};
config.hosts.muc = 'conference.' + subdomain + ${js(names.domain)};
config.bosh = ${js(`https://${domain}/`)} + subdir + 'http-bind';
config.websocket = ${js(`wss://${domain}/`)} + subdir + 'xmpp-websocket';
config.conferenceRequestUrl = ${js(`https://${domain}/`)} + subdir + 'conference-request/v1';

// A page whose shard died reloads itself, with the mute state in its URL. Participants who were in the meeting rejoin
// without a click. (The same setting in the URL would let them join without camera and microphone.)
if (typeof document === 'object') {
  var itself = /config\\.startWithAudioMuted=.*config\\.startWithVideoMuted=/.test(location.hash);
  var arrival = performance.getEntriesByType('navigation')[0];
  // With an invitation this changes the URL, so it is not a reload: the referrer is the page itself.
  var before = document.referrer.split('?')[0] === location.origin + location.pathname;
  if (itself && (before || (arrival && arrival.type === 'reload'))) config.prejoinConfig.enabled = false;
}
`,
    // nginx reads the file at each request.
    readBy: [],
  };
}
