import type { BridgeFacts, Facts, RecorderFacts, ShardFacts } from '../facts.js';
import { accessFiles } from './access.js';
import { accounts } from './accounts.js';
import { bridgePassword } from './bridge-password.js';
import { errorPages } from './error-pages.js';
import { DAEMONS, type Daemon, type MachineFile, RECORDER_DAEMONS } from './file.js';
import { haproxy } from './haproxy.js';
import { browserPolicies, jibri, jibriLogging } from './jibri.js';
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
  if (isShard(facts)) return shardFiles(facts);
  return isRecorder(facts) ? recorderFiles(facts) : bridgeFiles(facts as BridgeFacts);
}

const ofEveryMachine = (): MachineFile[] => [
  kernel(),
  journal(),
  resolver(),
  metadataAccess(),
  unattendedUpgrades(),
];

export const isShard = (facts: Facts): facts is ShardFacts => facts.spec.role === 'shard';

export const isRecorder = (facts: Facts): facts is RecorderFacts => facts.spec.role === 'recorder';

function recorderFiles(facts: RecorderFacts): MachineFile[] {
  return [...ofEveryMachine(), ...memberFiles(facts), jibriLogging(), browserPolicies(), ...systemd(facts)];
}

function bridgeFiles(facts: BridgeFacts): MachineFile[] {
  return [...ofEveryMachine(), videobridge(facts), bridgePassword(facts), ...systemd(facts)];
}

/**
 * The daemons whose files list other machines: HAProxy, the kernel's rules for TURN, and Jibri. They reload without ending
 * what they do: machines that join or leave must never restart what meetings depend on.
 */
export const DAEMONS_OF_MEMBERS: readonly Daemon[] = ['haproxy', 'convoke-turn-peers', 'jibri'];

/** The files that list other machines. */
export function memberFiles(facts: ShardFacts | RecorderFacts): MachineFile[] {
  return isRecorder(facts) ? [jibri(facts)] : [haproxy(facts), ...turnPeers(facts)];
}

function shardFiles(facts: ShardFacts): MachineFile[] {
  return [
    ...ofEveryMachine(),
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
  if (spec.role === 'recorder') return ['convoke-metadata-access', ...RECORDER_DAEMONS, 'convoke-agent'];
  return DAEMONS.filter(
    (daemon) =>
      (daemon !== 'jitsi-videobridge2' || spec.colocatedBridge) &&
      (spec.turn || !isOfTurn(daemon)) &&
      !RECORDER_DAEMONS.includes(daemon),
  );
}
