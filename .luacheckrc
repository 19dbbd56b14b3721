-- Lua that Prosody 13 of Debian 13 loads.
std = "lua54"
read_globals = { "prosody" }
globals = { "module" }
max_line_length = 130
color = false
