import type { ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import { xmppNames } from './names.js';
import { js } from './quoting.js';
import { meetingConfig } from './web-settings.js';

export const WEB_CONFIG_FILE = '/etc/jitsi/meet/convoke-config.js';

/**
 * What the client in the browser is told. The tenant is put in by nginx, which lets only plain characters pass there.
 */
export function webConfig(facts: ShardFacts): MachineFile {
  const { domain, region } = facts.spec;
  const names = xmppNames(domain);
  const config = {
    hosts: { domain: names.domain, focus: names.focus },
    // Media and its side channel go straight to the bridge over UDP.
    bridgeChannel: { preferSctp: true },
    // Not the shard: the page comes from any shard. Prosody says at login which shard it is.
    deploymentInfo: { region, userRegion: region },
    ...meetingConfig(facts),
    prejoinConfig: { enabled: true },
    // Nobody else learns who meets: no avatars, analytics or STUN servers of third parties.
    disableThirdPartyRequests: true,
    analytics: { disabled: true },
    // Two people talk to each other directly where their networks let them.
    p2p: { enabled: true, stunServers: [] },
    // A dead connection that nobody closed is noticed after 3 to 6 s, after 9 s if the last word came late. By default after
    // 15 to 35 s. The client alone would not see this setting: see web-return.ts.
    xmppPing: { interval: 3_000, timeout: 3_000, threshold: 1 },
    // Every 10 to 70 s each participant asks whether their room is still on their shard. By default after 60 to 120 s.
    websocketKeepAlive: 10_000,
    // If it is not, they go there within the page. (With "enableForcedReload" pages would reload, and that also whenever
    // a bridge is replaced.)
    testing: { enableGracefulReconnect: true },
  };
  return {
    path: WEB_CONFIG_FILE,
    mode: 0o644,
    owner: 'root:root',
    text: `// ${NOTICE}
var tenant = '<!--# echo var="tenant" default="" -->';
// Read by something that does not know server-side includes: there is no tenant then.
if (tenant.charAt(0) === '<') tenant = '';
var subdir = tenant ? tenant + '/' : '';
var subdomain = tenant ? tenant.split('.').join('_').toLowerCase() + '.' : '';

var config = ${js(config, 2)};
config.hosts.muc = 'conference.' + subdomain + ${js(names.domain)};
config.bosh = ${js(`https://${domain}/`)} + subdir + 'http-bind';
config.websocket = ${js(`wss://${domain}/`)} + subdir + 'xmpp-websocket';
config.conferenceRequestUrl = ${js(`https://${domain}/`)} + subdir + 'conference-request/v1';

// A page whose shard died reloads itself, and leaves in its address who was muted. Whoever was in the meeting goes back
// without a click. (The same setting in the address would let them in without camera and microphone.)
if (typeof document === 'object') {
  var itself = /config\\.startWithAudioMuted=.*config\\.startWithVideoMuted=/.test(location.hash);
  var arrival = performance.getEntriesByType('navigation')[0];
  // With an invitation the address changes by it, which is no reload: the page comes from itself.
  var before = document.referrer.split('?')[0] === location.origin + location.pathname;
  if (itself && (before || (arrival && arrival.type === 'reload'))) config.prejoinConfig.enabled = false;
}
`,
    // nginx reads the file at each request.
    readBy: [],
  };
}
