import { AGENT_USER, BRIDGE_PASSWORD } from '../../contract/machine-layout.js';
import type { BridgeFacts } from '../facts.js';
import type { MachineFile } from './file.js';

/** The agent uses it to log the bridge in at shards. */
export function bridgePassword(facts: BridgeFacts): MachineFile {
  return {
    path: BRIDGE_PASSWORD,
    mode: 0o640,
    owner: `root:${AGENT_USER}`,
    text: `${facts.passwords.bridge}\n`,
    readBy: [],
  };
}
