import { turnName } from '../../config/turn.js';
import type { ShardFacts } from '../facts.js';
import { type MachineFile, NOTICE } from './file.js';
import credentialsModule from './prosody-modules/mod_convoke_turn_credentials.text.js';
import { MODULES_FOLDER } from './prosody-modules.js';
import { lua } from './quoting.js';

/** Concurrent relays on one shard. At 2.5 Mbit/s each they exceed the network of the instance types used here. */
export const MOST_RELAYS = 1000;
/**
 * Concurrent relays of one name. A browser allocates one per network interface and peer connection: two interfaces,
 * and one connection to the bridge plus one to another participant, make four. An ICE restart allocates new ones
 * before the old ones end.
 */
export const RELAYS_OF_A_NAME = 8;
/** Names per invitation: 96 relays, about a tenth of a shard's, so that a whole class can share a link. */
const NAMES_OF_A_LINK = 12;
/** Names per network in open deployments: 480 relays, about half of a shard's, for an office behind one address. */
const NAMES_OF_A_NETWORK = 60;
/**
 * Lifetime of a password in seconds. A client gets one when it joins and cannot renew it, but needs it whenever media
 * changes its path: so it has to outlast the longest meeting.
 */
const CREDENTIALS_TTL = 24 * 60 * 60;

const MODULE = 'convoke_turn_credentials';

/** Loaded on the participants' host. */
export const turnLoginModule = ({ spec }: ShardFacts): string =>
  spec.turn ? `\n        "${MODULE}"; -- convoke's own` : '';

/**
 * The TURN service for all of Prosody's hosts: participants may query their host (XEP-0215), and Jitsi's client gets
 * it from the room metadata component when it joins. The name and password here are placeholders, which the module
 * replaces with the participant's own.
 */
export function turnService({ spec, passwords }: ShardFacts): string {
  if (!spec.turn) return '';
  return `
external_services = {
    {
        type = "turns"; host = ${lua(turnName(spec.domain))}; port = 443; transport = "tcp";
        username = "unnamed"; password = "unnamed"; ttl = ${CREDENTIALS_TTL};
    };
}
convoke_turn_secret = ${lua(passwords.turn)}
convoke_turn_ttl = ${CREDENTIALS_TTL}
convoke_turn_names_of_a_link = ${NAMES_OF_A_LINK}
convoke_turn_names_of_a_network = ${NAMES_OF_A_NETWORK}
`;
}

/**
 * TURN credentials per participant. coturn counts relays by the part of the name after the colon. It is one of a
 * fixed number of names per invitation or, without one, per network: logging in again does not add relays for that
 * link or network, on any shard. Two sessions share a name only if all are in use.
 */
export function turnCredentials({ spec }: ShardFacts): MachineFile[] {
  if (!spec.turn) return [];
  return [
    {
      path: `${MODULES_FOLDER}/mod_${MODULE}.lua`,
      mode: 0o644,
      owner: 'root:root',
      text: `-- ${NOTICE}\n${credentialsModule}`,
      readBy: ['prosody'],
    },
  ];
}
