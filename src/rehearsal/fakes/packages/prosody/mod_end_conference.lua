-- Moderators can end the meeting for all participants.
local meeting_of = module:require "meeting".meeting_of;
local main_muc = module:get_option_string("muc_component");

module:hook("message/host", function (event)
	if not event.stanza:get_child("end_conference") then return; end
	local room = meeting_of(event.origin, main_muc);
	local occupant = room and room:get_occupant_by_real_jid(event.stanza.attr.from);
	if not occupant or occupant.role ~= "moderator" then return false; end
	room:destroy(nil, "The meeting has been terminated");
	return true;
end);
