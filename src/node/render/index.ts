import type { BridgeFacts, Facts, ShardFacts } from '../facts.js';
import { accessFiles } from './access.js';
import { accounts } from './accounts.js';
import { bridgePassword } from './bridge-password.js';
import { errorPages } from './error-pages.js';
import { DAEMONS, type Daemon, type MachineFile } from './file.js';
import { haproxy } from './haproxy.js';
import { jicofo } from './jicofo.js';
import { journal } from './journal.js';
import { kernel } from './kernel.js';
import { metadataAccess } from './metadata-access.js';
import { nginx } from './nginx.js';
import { prosody } from './prosody.js';
import { jicofoLogging, recorderPass } from './recording.js';
import { resolver } from './resolver.js';
import { systemd } from './systemd.js';
import { isOfTurn, turnFiles, turnPeers } from './turn.js';
import { turnCredentials } from './turn-credentials.js';
import { unattendedUpgrades } from './unattended-upgrades.js';
import { videobridge } from './videobridge.js';
import { webConfig } from './web-config.js';
import { webPage } from './web-page.js';
import { webSettings } from './web-settings.js';

/** All files of a machine, as a pure function of its facts. */
export function render(facts: Facts): MachineFile[] {
  return isShard(facts) ? shardFiles(facts) : bridgeFiles(facts as BridgeFacts);
}

export const isShard = (facts: Facts): facts is ShardFacts => facts.spec.role === 'shard';

function bridgeFiles(facts: BridgeFacts): MachineFile[] {
  return [
    kernel(),
    journal(),
    resolver(),
    metadataAccess(),
    unattendedUpgrades(),
    videobridge(facts),
    bridgePassword(facts),
    ...systemd(facts),
  ];
}

/**
 * The daemons whose files list other machines: HAProxy, and the kernel's rules for TURN. Both reload without closing
 * connections: machines that join or leave must never restart what meetings depend on.
 */
export const EDGE_DAEMONS: readonly Daemon[] = ['haproxy', 'convoke-turn-peers'];

export function edgeFiles(facts: ShardFacts): MachineFile[] {
  return [haproxy(facts), ...turnPeers(facts)];
}

function shardFiles(facts: ShardFacts): MachineFile[] {
  return [
    kernel(),
    journal(),
    resolver(),
    metadataAccess(),
    unattendedUpgrades(),
    prosody(facts),
    ...accounts(facts),
    jicofo(facts),
    ...jicofoLogging(facts),
    ...(facts.spec.colocatedBridge ? [videobridge(facts)] : []),
    webConfig(facts),
    webPage(facts),
    ...webSettings(facts),
    ...accessFiles(facts),
    ...recorderPass(facts),
    nginx(facts),
    haproxy(facts),
    ...errorPages(facts),
    ...turnCredentials(facts),
    ...turnFiles(facts),
    ...turnPeers(facts),
    ...systemd(facts),
  ];
}

/** The daemons of a machine, in start order. */
export function daemons(spec: Facts['spec']): Daemon[] {
  if (spec.role === 'bridge') return ['convoke-metadata-access', 'jitsi-videobridge2', 'convoke-agent'];
  return DAEMONS.filter(
    (daemon) => (daemon !== 'jitsi-videobridge2' || spec.colocatedBridge) && (spec.turn || !isOfTurn(daemon)),
  );
}
