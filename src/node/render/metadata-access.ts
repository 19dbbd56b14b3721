import { AGENT_USER, METADATA_ACCESS } from '../../contract/machine-layout.js';
import { type MachineFile, NOTICE } from './file.js';

/**
 * The metadata service returns the role's credentials to every process. Only root, which provisions, and the agent
 * need them: a vulnerability in a daemon that faces participants must not give access to the account. All other users
 * are rejected, for both addresses of the service (Amazon EC2 User Guide, "Limit access to the Instance Metadata
 * Service").
 */
export function metadataAccess(): MachineFile {
  return {
    path: METADATA_ACCESS,
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
table inet convoke_metadata
delete table inet convoke_metadata
table inet convoke_metadata {
    chain output {
        type filter hook output priority filter; policy accept;
        ip daddr 169.254.169.254 goto metadata
        ip6 daddr fd00:ec2::254 goto metadata
    }
    chain metadata {
        meta skuid { root, ${AGENT_USER} } accept
        reject
    }
}
`,
    readBy: ['convoke-metadata-access'],
  };
}
