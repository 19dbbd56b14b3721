import type { DebianPackage, PackageFile } from '../deb.js';
import meetingLibrary from './prosody/meeting.lib.text.js';
import authJitsiAnonymous from './prosody/mod_auth_jitsi-anonymous.text.js';
import endConference from './prosody/mod_end_conference.text.js';
import jiconop from './prosody/mod_jiconop.text.js';
import jitsiSession from './prosody/mod_jitsi_session.text.js';
import mucBreakoutRooms from './prosody/mod_muc_breakout_rooms.text.js';
import mucDomainMapper from './prosody/mod_muc_domain_mapper.text.js';
import mucFilterAccess from './prosody/mod_muc_filter_access.text.js';
import mucHideAll from './prosody/mod_muc_hide_all.text.js';
import mucLobbyRooms from './prosody/mod_muc_lobby_rooms.text.js';
import roomMetadataComponent from './prosody/mod_room_metadata_component.text.js';
import rosterCommand from './prosody/mod_roster_command.text.js';

const PLUGINS = '/usr/share/jitsi-meet/prosody-plugins';

/**
 * A fake of `jitsi-meet-prosody`. Prosody itself is real: these are modules with the names that its configuration
 * loads. Those that decide who may log in or join work like the real ones; the others are empty, or have the text that
 * `others` gives.
 */
export function prosodyPackage(others: Readonly<Record<string, string>> = {}): DebianPackage {
  return {
    name: 'jitsi-meet-prosody',
    depends: ['prosody'],
    summary: "fake of Jitsi Meet's Prosody modules for rehearsals",
    files: [
      { path: `${PLUGINS}/meeting.lib.lua`, text: meetingLibrary },
      ...Object.entries(WORKING).map(([name, text]) => plugin(name, others[name] ?? text)),
      ...EMPTY.map((name) => plugin(name, others[name] ?? '')),
    ],
  };
}

/** One of Jitsi's Prosody modules, by its name. */
export function plugin(name: string, text: string): PackageFile {
  return { path: `${PLUGINS}/mod_${name}.lua`, text: `-- Fake of Jitsi's mod_${name}.\n${text}` };
}

const EMPTY = [
  'av_moderation_component',
  'client_proxy',
  'conference_duration',
  'features_identity',
  'filesharing_component',
  'limits_exception',
  'muc_max_occupants',
  'muc_meeting_id',
  'muc_password_whitelist',
  'muc_rate_limit',
  'muc_resource_validate',
  'muc_size',
  'polls_component',
  'rate_limit',
  'shard_name',
  'speakerstats_component',
];

const WORKING: Readonly<Record<string, string>> = {
  'auth_jitsi-anonymous': authJitsiAnonymous,
  end_conference: endConference,
  jiconop,
  jitsi_session: jitsiSession,
  muc_breakout_rooms: mucBreakoutRooms,
  muc_domain_mapper: mucDomainMapper,
  muc_filter_access: mucFilterAccess,
  muc_hide_all: mucHideAll,
  muc_lobby_rooms: mucLobbyRooms,
  room_metadata_component: roomMetadataComponent,
  roster_command: rosterCommand,
};
