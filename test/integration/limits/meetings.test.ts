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

let meeting: Meeting;
beforeAll(async () => {
  const plan: Plan = { most: MOST, name: MEETING_LIMITS.name };
  meeting = answersIn(
    await inShard(sampleFacts(), {
      program: './test/integration/limits/meetings.ts',
      plan,
      before: LOWER,
      files: [file('/usr/share/jitsi-meet/prosody-plugins/mod_speakerstats_component.lua', STATISTICS)],
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

it('has participants with display names of limited length', () => {
  expect(meeting.displayNames).toEqual(['', 'Too long a name']);
});

it('keeps speaker statistics of a limited number of participants who have left', () => {
  expect(meeting.left).toBe(3 * MOST);
  // And those of the focus and of the two who stayed.
  expect(meeting.kept).toBeLessThanOrEqual(MOST + 3);
});
