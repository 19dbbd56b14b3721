-- Makes participants whose token says so moderators. This happens before they enter: the lobby does not hold moderators, who
-- would otherwise wait in vain if only guests are in the meeting (jitsi/jitsi-meet #7561). Loaded on the conference component.
module:hook("muc-occupant-pre-join", function (event)
	local user = event.origin and event.origin.jitsi_meet_context_user;
	if not user or tostring(user.moderator) ~= "true" then return; end
	event.room:set_affiliation(true, event.occupant.bare_jid, "owner");
	event.occupant.role = "moderator";
end); -- after token_verification (99), before Jitsi's lobby (-4)
