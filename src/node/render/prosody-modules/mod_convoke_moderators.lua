-- Makes participants whose token says so moderators. Loaded on the conference component.
module:hook("muc-occupant-joined", function (event)
	local user = event.origin and event.origin.jitsi_meet_context_user;
	if not user or tostring(user.moderator) ~= "true" then return; end
	event.room:set_affiliation(true, event.occupant.bare_jid, "owner");
end, 2);
