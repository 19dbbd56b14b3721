import { beforeAll, expect, it } from 'vitest';
import { MEETING_LIMITS } from '../../../src/node/render/prosody-limits.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, file, inShard } from '../shard.js';
import type { Meeting, Plan } from './meetings.js';

/** Instead of the limits for real meetings, which take minutes to reach. */
const MOST = 3;
const limit = (name: string, value: number) => `s/${name} = ${value};/${name} = ${MOST};/`;
const LOWER = `sed -i '${[
  limit('breakout_rooms', MEETING_LIMITS.breakoutRooms),
  limit('polls', MEETING_LIMITS.polls),
  limit('metadata', MEETING_LIMITS.metadata),
  limit('left', MEETING_LIMITS.left),
].join('; ')}' /etc/prosody/prosody.cfg.lua`;

/** A fake of Jitsi's speaker statistics: keeps everybody who was in the meeting, and says how many when somebody joins. */
const STATISTICS = `
local st = require "util.stanza";
local function joined(event)
	local all, kept = event.room.speakerStats or {}, 0;
	event.room.speakerStats = all;
	for _ in pairs(all) do kept = kept + 1; end
	for _, occupant in event.room:each_occupant() do
		module:send(st.message({ from = module.host, to = occupant.jid }):body("kept " .. kept));
	end
	all[event.occupant.jid] = { totalDominantSpeakerTime = 0 };
end
-- Prosody activates hosts in random order.
local rooms = module:get_option_string("muc_component");
local function on_host(host)
	if host == rooms then module:context(host):hook("muc-occupant-joined", joined, -1); end
end
if prosody.hosts[rooms] then on_host(rooms); end
module:hook_global("host-activated", on_host);
`;

/** A fake of Jitsi's component for metadata, which keeps what the modules before it let through. */
const METADATA = `
local json = require "util.json";
module:hook("message/host", function (event)
	local request = event.stanza:get_child("room_metadata", "http://jitsi.org/jitmeet");
	local room = prosody.hosts[module:get_option_string("muc_component")].modules.muc.get_room_from_jid(request.attr.room);
	local change = json.decode(request:get_text());
	room.jitsiMetadata = room.jitsiMetadata or {};
	room.jitsiMetadata[change.key] = change.data;
	return true;
end);
`;

/** A fake of Jitsi's A/V moderation: permits participants of the meeting to speak. */
const MODERATION = `
module:hook("message/host", function (event)
	local request, session = event.stanza:get_child("av_moderation"), event.origin;
	local rooms = prosody.hosts[module:get_option_string("muc_component")].modules.muc;
	local room = rooms.get_room_from_jid(session.jitsi_web_query_room .. "@" .. module:get_option_string("muc_component"));
	room.av_moderation = room.av_moderation or { audio = {} };
	table.insert(room.av_moderation.audio, request.attr.jidToWhitelist);
	return true;
end);
`;

const fake = (name: string, text: string) =>
  file(`/usr/share/jitsi-meet/prosody-plugins/mod_${name}.lua`, text);

let meeting: Meeting;
beforeAll(async () => {
  const plan: Plan = { most: MOST, name: MEETING_LIMITS.name, value: MEETING_LIMITS.metadataValue };
  meeting = answersIn(
    await inShard(sampleFacts(), {
      program: './test/integration/limits/meetings.ts',
      plan,
      before: LOWER,
      files: [
        fake('speakerstats_component', STATISTICS),
        fake('room_metadata_component', METADATA),
        fake('av_moderation_component', MODERATION),
      ],
    }),
  );
}, 300_000);

it('has a limited number of breakout rooms, with names of limited length', () => {
  expect(meeting.breakoutRooms).toEqual(['', '', '', 'Too many breakout rooms']);
  expect(meeting.longName).toBe('Too long a name');
});

it('lets a moderator move only its own participants', () => {
  expect(meeting.move).toEqual([
    'Not a participant of this meeting',
    '',
    'Not a participant of this meeting',
  ]);
});

it('keeps a limited number of answers to polls', () => {
  expect(meeting.polls).toEqual(['', '', '', 'Too many answers to polls']);
});

it('counts messages to a service whichever of its addresses they have', () => {
  expect(meeting.otherAddress).toBe('Too many answers to polls');
});

it('has metadata of limited size', () => {
  expect(meeting.metadata).toEqual(['', '', '', 'Too much metadata', '', 'Too much metadata']);
});

it('permits a participant to speak once', () => {
  expect(meeting.permissions).toEqual(['', 'Is permitted already']);
});

it('does not keep expressions of faces, which Jitsi would send to everybody who joins', () => {
  expect(meeting.landmarks).toBe('Expressions of faces are not kept');
});

it('has participants with display names of limited length', () => {
  expect(meeting.displayNames).toEqual(['', 'Too long a name']);
});

it('keeps speaker statistics of a limited number of participants who have left', () => {
  expect(meeting.left).toBe(3 * MOST);
  // And those of the focus and of the two who stayed.
  expect(meeting.kept).toBeLessThanOrEqual(MOST + 3);
});
