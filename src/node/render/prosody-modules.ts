import DEBIAN_LIBRARY from './prosody-modules/debian-library.text.js';
import backlog from './prosody-modules/mod_convoke_backlog.text.js';
import breakoutRooms from './prosody-modules/mod_convoke_breakout_rooms.text.js';
import breweries from './prosody-modules/mod_convoke_breweries.text.js';
import brewery from './prosody-modules/mod_convoke_brewery.text.js';
import conferencesOverHttp from './prosody-modules/mod_convoke_conferences_over_http.text.js';
import hosts from './prosody-modules/mod_convoke_hosts.text.js';
import limits from './prosody-modules/mod_convoke_limits.text.js';
import lobby from './prosody-modules/mod_convoke_lobby.text.js';
import meetingLimits from './prosody-modules/mod_convoke_meeting_limits.text.js';
import moderators from './prosody-modules/mod_convoke_moderators.text.js';
import occupants from './prosody-modules/mod_convoke_occupants.text.js';
import ownMeeting from './prosody-modules/mod_convoke_own_meeting.text.js';
import recording from './prosody-modules/mod_convoke_recording.text.js';
import roomInvitations from './prosody-modules/mod_convoke_room_invitations.text.js';
import sessionRoom from './prosody-modules/mod_convoke_session_room.text.js';
import silence from './prosody-modules/mod_convoke_silence.text.js';
import tokensUnlogged from './prosody-modules/mod_convoke_tokens_unlogged.text.js';

/** convoke's own folder, next to that of Jitsi's modules. */
export const MODULES_FOLDER = '/etc/convoke/prosody-modules';

/** Prosody modules on every shard, by name. */
export const MODULES: Readonly<Record<string, string>> = {
  convoke_backlog: backlog,
  convoke_breakout_rooms: breakoutRooms,
  convoke_breweries: breweries,
  convoke_brewery: brewery,
  convoke_conferences_over_http: conferencesOverHttp,
  convoke_limits: limits,
  convoke_meeting_limits: meetingLimits,
  convoke_occupants: occupants,
  convoke_recording: recording,
  convoke_room_invitations: roomInvitations,
  convoke_session_room: sessionRoom,
  convoke_silence: silence,
};

/** Prosody module for deployments whose meetings have a lobby by themselves. */
export const LOBBY_MODULES: Readonly<Record<string, string>> = { convoke_lobby: lobby };

/** Prosody modules for deployments with tokens, which close gaps of Jitsi's packages. */
export const TOKEN_MODULES: Readonly<Record<string, string>> = {
  convoke_moderators: moderators,
  convoke_own_meeting: ownMeeting,
  convoke_tokens_unlogged: tokensUnlogged,
};

/** Prosody modules for deployments where hosts sign in. */
export const HOSTS_MODULES: Readonly<Record<string, string>> = { convoke_hosts: hosts };

/** Searched by Prosody's Lua before Debian's folders. */
export const LUA_LIBRARIES_FOLDER = '/usr/local/share/lua/5.4';

/**
 * Libraries that Jitsi's token modules need: plain Lua, which Debian 13 installs for other Lua versions than
 * Prosody's.
 */
export const LUA_LIBRARIES = ['basexx', 'inspect'] as const;

export { DEBIAN_LIBRARY };
