/** Configuration of a shard's Prosody, with its own ports and folders. For Jitsi's modules, see the rendering for machines. */
export function prosodyConfig(options: {
  domain: string;
  home: string;
  plugins: string;
  /** Folder of convoke's modules. */
  own: string;
  client: number;
  http: number;
}): string {
  const { domain, home, plugins, own, client, http } = options;
  return `
plugin_paths = { "${plugins}", "${own}" }
data_path = "${home}"
pidfile = "${home}/prosody.pid"
log = { info = "*console" }
modules_enabled = { "disco", "roster", "saslauth", "tls", "ping" }
modules_disabled = { "s2s", "offline", "register" }
authentication = "internal_hashed"
c2s_interfaces = { "127.0.0.1" }
c2s_ports = { ${client} }
c2s_require_encryption = true
ssl = { certificate = "${home}/crt", key = "${home}/key" }
http_interfaces = { "127.0.0.1" }
http_ports = { ${http} }
https_ports = { }
http_default_host = "${domain}"
trusted_proxies = { "127.0.0.1" }
consider_bosh_secure = true
consider_websocket_secure = true
admins = { "focus@auth.${domain}", "jvb@auth.${domain}" }
component_admins_as_room_owners = true

VirtualHost "${domain}"
    authentication = "jitsi-anonymous"
    modules_enabled = { "bosh", "websocket", "smacks", "jiconop", "convoke_brewery" }
    convoke_bridge_account = "jvb@auth.${domain}"
    convoke_brewery = "jvbbrewery@internal.auth.${domain}"
VirtualHost "auth.${domain}"
Component "conference.${domain}" "muc"
    storage = "memory"
    restrict_room_creation = true
    modules_enabled = { "muc_hide_all", "muc_meeting_id" }
    muc_room_locking = false
    muc_room_default_public_jids = true
Component "internal.auth.${domain}" "muc"
    storage = "memory"
    restrict_room_creation = true
    modules_enabled = { "muc_hide_all", "muc_filter_access" }
    muc_filter_whitelist = { "auth.${domain}" }
    muc_room_locking = false
    muc_room_default_public_jids = true
Component "focus.${domain}" "client_proxy"
    target_address = "focus@auth.${domain}"
`;
}
