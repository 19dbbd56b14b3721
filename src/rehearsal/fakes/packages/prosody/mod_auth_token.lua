-- Participants with a valid token may log in, with a name that Prosody chooses.
local base64 = require "util.encodings".base64;
local hashes = require "util.hashes";
local json = require "util.json";
local sasl = require "util.sasl";
local uuid = require "util.uuid";

local app_secret = assert(module:get_option_string("app_secret"), "app_secret must be set");
local issuers = module:get_option_set("asap_accepted_issuers", { module:get_option_string("app_id") });
local audiences = module:get_option_set("asap_accepted_audiences", { "*" });

local function from_url64(text)
	return base64.decode((text:gsub("[-_]", { ["-"] = "+", ["_"] = "/" })) .. ("="):rep(-#text % 4));
end

local function to_url64(bytes)
	return (base64.encode(bytes):gsub("[+/=]", { ["+"] = "-", ["/"] = "_", ["="] = "" }));
end

local function object(text)
	local bytes = from_url64(text);
	local value = bytes and json.decode(bytes);
	return type(value) == "table" and value or nil;
end

-- Returns the claims of a token, or nil and the reason why it is invalid.
local function verify(token)
	local header64, claims64, signature = token:match("^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$");
	local header = header64 and object(header64);
	if not header or header.typ ~= "JWT" then return nil, "Invalid token"; end
	if header.alg ~= "HS256" then return nil, "Invalid or incorrect alg"; end
	local expected = to_url64(hashes.hmac_sha256(app_secret, header64 .. "." .. claims64));
	if not hashes.equals(expected, signature) then return nil, "Invalid signature"; end
	local claims, now = object(claims64), os.time();
	if not claims then return nil, "Invalid body"; end
	if claims.exp ~= nil and (type(claims.exp) ~= "number" or now >= claims.exp) then return nil, "Not acceptable by exp"; end
	if claims.nbf ~= nil and (type(claims.nbf) ~= "number" or now < claims.nbf) then return nil, "Not acceptable by nbf"; end
	if not issuers:contains(claims.iss) then return nil, "invalid 'iss' claim"; end
	if not audiences:contains("*") and not audiences:contains(claims.aud) then return nil, "invalid 'aud' claim"; end
	if type(claims.room) ~= "string" then return nil, "'room' claim is missing"; end
	return claims;
end

module:depends("jitsi_session");

-- Prosody's own mechanism asks again until a name is accepted.
sasl.registerMechanism("ANONYMOUS", { "anonymous" }, function (self)
	local username = uuid.generate();
	local admitted, reason = self.profile.anonymous(self, username, self.realm);
	if not admitted then return "failure", "not-allowed", reason; end
	self.username = self.username or username;
	return "success";
end);

local provider = {};

function provider.get_sasl_handler(session)
	return sasl.new(module.host, { anonymous = function (self)
		if not session.auth_token then return false, "token required"; end
		local claims, problem = verify(session.auth_token);
		if not claims then
			module:log("info", "a token was refused: %s", problem);
			return false, problem;
		end
		session.jitsi_meet_room, session.jitsi_meet_domain = claims.room, claims.sub;
		session.jitsi_meet_context_user = type(claims.context) == "table" and claims.context.user or nil;
		-- A client that resumes a session keeps its name.
		for _, other in pairs(prosody.full_sessions) do
			if session.previd and other.resumption_token == session.previd then self.username = other.username; end
		end
		return true;
	end });
end

function provider.users()
	return function () return nil; end
end

module:provides("auth", provider);

-- Like the real module before August 2026, which forgets here that the session has entered its meeting.
module:hook_global("c2s-session-updated", function (event)
	local session, from_session = event.session, event.from_session;
	if not from_session.auth_token then return; end
	for _, field in ipairs({
		"auth_token", "jitsi_meet_context_user", "jitsi_meet_room", "jitsi_meet_domain", "jitsi_breakout_main_jid",
	}) do
		session[field] = from_session[field];
	end
end, 1);
