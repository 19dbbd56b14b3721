import { ADMITTED, CONFERENCE_REQUEST } from '../access/admission.js';
import { APP_ID } from '../access/tokens.js';
import type { CellFacts } from '../facts.js';
import { PORTS } from '../ports.js';
import { AGENT_USER } from './convoke-units.js';
import { type MachineFile, NOTICE } from './file.js';
import {
  debianLibrary,
  LUA_LIBRARIES,
  LUA_LIBRARIES_FOLDER,
  MEMBERS_MODULES,
  MODULES_FOLDER,
} from './members-modules.js';
import { lua } from './quoting.js';

/** The key of invitations, for root and the agent alone. */
export const TOKEN_KEY_FILE = '/etc/convoke/token-key';

const forMembers = ({ spec }: CellFacts): boolean => spec.access === 'members';

/** A file of Lua that Prosody reads. */
export const forProsody = (path: string, text: string): MachineFile => ({
  path,
  mode: 0o644,
  owner: 'root:root',
  text: `-- ${NOTICE}\n${text}`,
  readBy: ['prosody'],
});

/** What only a cell has whose meetings are for members: modules of Prosody, and the key for the agent. */
export function membersFiles(facts: CellFacts): MachineFile[] {
  if (!forMembers(facts)) return [];
  return [
    ...Object.entries(MEMBERS_MODULES).map(([name, text]) =>
      forProsody(`${MODULES_FOLDER}/mod_${name}.lua`, text),
    ),
    ...LUA_LIBRARIES.map((name) => forProsody(`${LUA_LIBRARIES_FOLDER}/${name}.lua`, debianLibrary(name))),
    {
      path: TOKEN_KEY_FILE,
      mode: 0o640,
      owner: `root:${AGENT_USER}`,
      text: facts.passwords.tokens,
      readBy: ['convoke-agent'],
    },
  ];
}

/** How participants log in to Prosody. */
export function participantLogin(facts: CellFacts): string {
  if (!forMembers(facts)) return 'authentication = "jitsi-anonymous"';
  return `authentication = "token"
    app_id = ${lua(APP_ID)}
    app_secret = ${lua(facts.passwords.tokens)}
    signature_algorithm = "HS256"
    asap_accepted_issuers = { ${lua(APP_ID)} }
    asap_accepted_audiences = { ${lua(APP_ID)} }
    asap_require_room_claim = true
    allow_empty_token = false
    -- A token is for a room of this domain, not for one of the same name under a tenant.
    enable_domain_verification = true`;
}

/** Modules more, after those that every cell has: where participants log in, and where they meet. */
export const loginModules = (facts: CellFacts): string =>
  forMembers(facts) ? '\n        "convoke_conferences_over_http"; -- convoke\'s own' : '';
export const meetingModules = (facts: CellFacts): string =>
  forMembers(facts)
    ? '\n        "token_verification"; -- Jitsi\'s\n        "convoke_moderators"; -- convoke\'s own'
    : '';
/** Where Prosody looks for modules of Jitsi's and convoke's. */
export const PLUGIN_PATHS = ['/usr/share/jitsi-meet/prosody-plugins/', `${MODULES_FOLDER}/`]
  .map(lua)
  .join(', ');

/** With invitations it is they that say who moderates; without, the first in a room does. */
export const moderators = (facts: CellFacts): string =>
  forMembers(facts) ? '  conference.enable-auto-owner = false\n' : '';

/** A failing request would be logged with its address, and thus with the token in it. */
export const webLogLevel = (facts: CellFacts): string => (forMembers(facts) ? 'crit' : 'warn');

export function admissionUpstream(facts: CellFacts): string {
  if (!forMembers(facts)) return '';
  return `
    # The agent, who looks at invitations.
    upstream admission {
        server 127.0.0.1:${PORTS.admission};
        keepalive 8;
    }`;
}

const ASK = `proxy_pass http://admission;
            proxy_http_version 1.1;
            proxy_set_header Connection '';
            proxy_set_header X-Original-URI $request_uri;`;

/**
 * Requests for a conference. `toJicofo` is where they go from an open cell. Jicofo lets everybody in: where meetings are for
 * members the agent looks at the token and the room first, and lets nginx go on.
 */
export function conferenceLocation(facts: CellFacts, toJicofo: string, headers: string): string {
  if (!forMembers(facts)) {
    return `location = ${CONFERENCE_REQUEST} {
            ${headers}
            ${toJicofo}
        }`;
  }
  return `location = ${CONFERENCE_REQUEST} {
            ${ASK}
            client_max_body_size 64k;
            ${headers}
        }
        location ${ADMITTED.conference} {
            ${headers}
            ${toJicofo}
        }`;
}

/**
 * The page, which is the same for every room. `page` is how it is served. Where meetings are for members, who has no valid
 * invitation is told so in its place; should the agent not answer, the page is served all the same, since it opens nothing.
 */
export function pageLocations(facts: CellFacts, page: string, headers: string): string {
  if (!forMembers(facts)) {
    return `location = / {
            try_files /index.html =404;
            ${page}
        }
        location = /index.html {
            ${page}
        }
        location @room {
            rewrite ^ /index.html break;
            ${page}
        }`;
  }
  const ask = `{
            ${ASK}
            error_page 502 504 = ${ADMITTED.page};
            ${headers}
        }`;
  return `location = / ${ask}
        location = /index.html ${ask}
        location @room ${ask}
        location ${ADMITTED.page} {
            rewrite ^ /index.html break;
            ${page}
        }`;
}
