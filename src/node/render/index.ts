import type { Facts } from '../facts.js';
import { accounts } from './accounts.js';
import { DAEMONS, type Daemon, type MachineFile } from './file.js';
import { haproxy } from './haproxy.js';
import { jicofo } from './jicofo.js';
import { kernel } from './kernel.js';
import { nginx } from './nginx.js';
import { prosody } from './prosody.js';
import { systemd } from './systemd.js';
import { videobridge } from './videobridge.js';
import { webConfig } from './web-config.js';

/** Every file of a machine, as a function of its facts and of nothing else. */
export function render(facts: Facts): MachineFile[] {
  return [
    kernel(),
    prosody(facts),
    ...accounts(facts),
    jicofo(facts),
    ...(facts.spec.bridgeOnBoard ? [videobridge(facts)] : []),
    webConfig(facts),
    nginx(facts),
    haproxy(facts),
    ...systemd(facts),
  ];
}

/** What runs on a machine, in the order in which it is started. */
export function daemons(spec: Facts['spec']): Daemon[] {
  return DAEMONS.filter((daemon) => daemon !== 'jitsi-videobridge2' || spec.bridgeOnBoard);
}
