import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/contract/tokens.js';
import { PROSODY_LIMITS } from '../../../src/node/render/prosody-limits.js';
import { xmppNames } from '../../../src/node/render/xmpp-names.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, file, inShard } from '../shard.js';
import type { Occupants } from './occupants.js';

/** A fake of Jitsi's lobby: each meeting has one. */
const LOBBY = `
local jid = require "util.jid";
local main, lobby = module:get_option_string("main_muc"), module:get_option_string("lobby_muc");
local function created(event)
	prosody.hosts[lobby].modules.muc.create_room(jid.join(jid.node(event.room.jid), lobby));
end
local function on_host(host)
	if host == main then module:context(host):hook("muc-room-created", created); end
end
if prosody.hosts[main] then on_host(main); end
module:hook_global("host-activated", on_host);
`;

const REFUSED = 'Only participants in the lobby can be invited';
const BAD_NAME = 'Not a name that clients use';

describe.each(['members', 'open'] as const)('a guest of a meeting, with access "%s"', (access) => {
  let seen: Occupants;
  beforeAll(async () => {
    const facts = sampleFacts({ spec: { access } });
    const { domain } = facts.spec;
    const now = new Date();
    const visit = async (room: string, moderator = false) => ({
      domain,
      room,
      // A token is for a room without one.
      ...(access === 'open' && { tenant: 'team' }),
      token:
        access === 'open'
          ? null
          : await signToken({ domain, room, id: room, moderator }, facts.passwords.tokens, {
              now,
              expires: new Date(now.getTime() + 3_600_000),
            }),
    });
    const output = await inShard(facts, {
      program: './test/integration/access/occupants.ts',
      plan: {
        moderator: await visit('mine', true),
        guest: await visit('mine'),
        other: await visit('theirs'),
        bridge: {
          host: `auth.${domain}`,
          name: xmppNames(domain).bridgeAccount.split('@')[0],
          password: facts.passwords.bridge,
        },
        addresses: PROSODY_LIMITS.addresses + 2,
      },
      files: [file('/usr/share/jitsi-meet/prosody-plugins/mod_muc_lobby_rooms.lua', LOBBY)],
    });
    seen = answersIn(output);
  }, 300_000);

  it('has a name that no client takes for Jicofo or for a property of its own', () => {
    const { '0badcafe': good, focus, ...bad } = seen.names;
    expect(good).toEqual(['', 'Names do not change']);
    // While Jicofo is in the room; otherwise it is refused like the others.
    expect(focus).toEqual(['conflict', 'Names do not change']);
    for (const [name, refusals] of Object.entries(bad))
      expect(refusals, name).toEqual([BAD_NAME, 'Names do not change']);
  });

  it('reaches nobody by invitations of the room, by which moderators let participants in', () => {
    const { waiting, ...others } = seen.invitations;
    expect(waiting).toBe('');
    // The token is for one meeting, which does not have the lobby as an address for invitations either.
    for (const [name, refusal] of Object.entries(others)) expect(refusal, name).toBe(REFUSED);
    expect(seen.past).toBe(false);
  });

  it('stays with Jicofo, which not even a moderator can remove', () => {
    expect(new Set(seen.exclusions)).toEqual(new Set(['Not an address of a participant']));
    expect(seen.removals).toEqual({ focus: 'not-allowed', participant: '' });
  });

  it('cannot reserve a name, which would remove its present owner and keep Jicofo out', () => {
    const refused = 'Names are not reserved';
    expect(seen.reservations).toEqual([refused, refused, refused, refused, '']);
  });

  it('is present at a limited number of addresses, which Prosody tells about the end of the session all at once', () => {
    // It has tried rooms before.
    const kept = seen.addresses.indexOf('Present at too many addresses');
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(PROSODY_LIMITS.addresses);
  });

  it('sends little before login, also in one frame, whose stanza Prosody parses before it checks the size', () => {
    expect(seen.beforeLogin).toEqual({ 10: 'failure', 200: 'policy-violation', 2000: 'policy-violation' });
  });

  it('cannot log in as a bridge, even with its password', () => {
    for (const answer of seen.daemon) expect(answer).not.toBe('success');
  });
});
