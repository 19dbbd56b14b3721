import { AGENT_USER, BRIDGE_PASSWORD } from '../../contract/machine-layout.js';
import type { BridgeFacts } from '../facts.js';
import type { MachineFile } from './file.js';

/** With it the agent lets the bridge log in at shards that come while it runs. */
export function bridgePassword(facts: BridgeFacts): MachineFile {
  return {
    path: BRIDGE_PASSWORD,
    mode: 0o640,
    owner: `root:${AGENT_USER}`,
    text: `${facts.passwords.bridge}\n`,
    readBy: [],
  };
}
