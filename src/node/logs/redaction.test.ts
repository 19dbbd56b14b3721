import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutPersonalData, withoutSecrets } from './redaction.js';

const DOMAIN = 'meet.example.org';

/** Lines as the daemons write them, with the name of a room and of a person, and a person's address. */
const LINES: Readonly<Record<string, (room: string, person: string, address: string) => string>> = {
  'Jicofo, in the context': (room) =>
    `Jicofo 2026-12-02 10:57:11.104 WARNING: [13] [room=${room}@conference.${DOMAIN} meeting_id=0a1b] JitsiMeetConferenceImpl.reInviteParticipant#1: ${room} has no bridge`,
  'Jicofo, a participant': (room, person) =>
    `Jicofo 2026-12-02 10:57:11.104 SEVERE: [13] Failed for ${room}@conference.${DOMAIN}/${person}`,
  'Jicofo, a participant who joins': (room, person) =>
    `Jicofo 2026-12-03 02:33:59.101 WARNING: [34] [room=${room} meeting_id=88dca5e4-83bf-481c-a99e-57ac05455a30] JitsiMeetConferenceImpl.onMemberJoined#812: Member joined:7f59af7d stats-id=${person} region=eu-central-1 role=PARTICIPANT isJibri=false, room=${room}`,
  Videobridge: (room, person, address) =>
    `JVB 2026-12-02 10:57:11.104 WARNING: [42] [confId=1f conf_name=${room}@conference.${DOMAIN} meeting_id=0a1b epId=1a2b3c4d stats_id=${person}] Endpoint.x#12: ICE failed for ${address}:50123`,
  'Prosody, a room': (room) =>
    `conference.${DOMAIN}:muc_domain_mapper\twarn\tNo room ${room}@conference.${DOMAIN}`,
  'Prosody, a token': (room, person) =>
    `general\terror\tError verifying token err:not-allowed, reason:Room and token mismatched, tenant:, room:${room}, user_agent:${person}`,
  'Prosody, tenants': (room, person) =>
    `general\twarn\tTenant differs for url_tenant:${room} token_tenant:${person}, group:${room}`,
  'Prosody, a room that has ended': (room, person) =>
    `breakout.${DOMAIN}:muc_breakout_rooms\twarn\tNo room found for ${person}/${room}`,
  'Prosody, a room that has ended, before its tenant': (room, person) =>
    `polls.${DOMAIN}:polls_component\twarn\tNo room found for ${room} ${person}`,
  'Prosody, a nickname that a client chose': (room, person) =>
    `x\twarn\tRejecting join with invalid MUC resource from ${room}@${DOMAIN}/0a1b2c3d (muc_resource: ${person} ${room})`,
  'Prosody, another nickname': (room, person) =>
    `x\twarn\tRejecting MUC nick change from ${room}@${DOMAIN}/0a1b2c3d (${person} -> ${room})`,
  'Prosody, a message that it cannot parse': (room, person) =>
    `metadata.${DOMAIN}:room_metadata_component\terror\tInvalid JSON message: {${room}: ${person}} error:expected "`,
  'Prosody, a stanza': (room, person) =>
    `x\terror\tError missing required field: <message to='${room}@conference.${DOMAIN}'><nick xmlns='http://jabber.org/protocol/nick'>${person}</nick><body>to ${room}</body><subject>${person} is cut o`,
  'Videobridge, an IPv6 address with a port': (_room, _person, address) =>
    `JVB 2026-12-02 10:57:11.104 WARNING: [42] no pair for 2001:db8:0:0:0:0:${hex(address)}:5000/udp`,
  'Prosody, of a tenant': (room) => `mod_muc\twarn\t[school]${room}@conference.${DOMAIN} is full`,
  'nginx, a request': (room, _, address) =>
    `2026/12/02 10:57:11 [error] 12#12: *3 connect() failed (111: Connection refused), client: ${address}, server: ${DOMAIN}, request: "GET /${room}?jwt=eyJhbGciOiJIUzI1NiJ9.eyJyb29tIjoieCJ9.c2ln HTTP/1.1", upstream: "http://127.0.0.1:5280/http-bind?room=${room}", host: "${DOMAIN}"`,
  'nginx, a file': (room) =>
    `2026/12/02 10:57:11 [error] 12#12: *3 open() "/usr/share/jitsi-meet/${room}" failed (2: No such file or directory)`,
  'HAProxy, a request': (room, _, address) => `${address}:50123 web shards/a GET /${room} HTTP/1.1 503`,
  'a display name': (_, person) =>
    `JVB 2026-12-02 10:57:11.104 WARNING: [4] Bad message {"displayName":"${person}"} from display_name=${person} epId=1a2b3c4d`,
  'a URL': (room) => `Jicofo 2026-12-02 10:57:11.104 WARNING: [1] https://${DOMAIN}/${room}#config failed`,
};

/** Two groups of an IPv6 address. */
const hex = (address: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
};

/** As users choose them. Words of the lines themselves are no evidence. */
const name = fc.stringMatching(/^[a-zäöü]{3,8}[0-9]{2}[a-z_.-]{0,4}[a-z]$/).filter((text) => text.length > 6);

describe.each(Object.keys(LINES))('%s', (kind) => {
  it('has no names, addresses or tokens', () => {
    fc.assert(
      fc.property(
        name,
        name,
        fc.ipV4().filter((a) => !/^(127|0)\./.test(a)),
        (room, person, address) => {
          const sent = withoutPersonalData(LINES[kind]?.(room, person, address) ?? '');
          for (const secret of [room, person, address, '2001:', 'eyJ', 'c2ln'])
            expect(sent).not.toContain(secret);
        },
      ),
    );
  });
});

it('names with spaces and other characters are removed as well', () => {
  for (const person of ['Alice Smith', 'Ольга', "O'Neill (Ann)", '李 明'])
    expect(withoutPersonalData(`warn: {"displayName":"${person}","x":1} name="${person}"`)).not.toMatch(
      /Alice|Smith|Ольга|Neill|Ann|李|明/u,
    );
  expect(withoutPersonalData('{"displayName":"a \\"big\\" person","x":1}')).not.toMatch(/big|person/);
  expect(withoutPersonalData('display_name=Smith, Alice x=y')).not.toMatch(/Smith|Alice|x=y/);
  expect(withoutPersonalData(`kick of room1@conference.${DOMAIN}/Alice Smith`)).not.toMatch(
    /Alice|Smith|room1/,
  );
});

it.each([
  ['Address already in use: 127.0.0.1:8888', 'Address already in use: 127.0.0.1:8888'],
  [
    'Jicofo 2026-12-02 10:57:11.104 SEVERE: [13] focus@auth.meet.example.org lost its stream',
    'Jicofo 2026-12-02 10:57:11.104 SEVERE: [13] focus@auth.meet.example.org lost its stream',
  ],
  ['open "/etc/nginx/nginx.conf" failed', 'open "/etc/nginx/nginx.conf" failed'],
  [
    '[WARNING]  (12) : Server shards/b is DOWN, reason: Layer4 timeout',
    '[WARNING]  (12) : Server shards/b is DOWN, reason: Layer4 timeout',
  ],
  [
    'JVB 2026-12-03 08:43:22.370 WARNING: [81] [confId=8b conf_name=m%c3%bcll%20abc@conference.team.meet.example.org meeting_id=47 epId=46 stats_id=Ada-xyz] Av1DDPacket.<init>#72: no ssrc 1120',
    'JVB 2026-12-03 08:43:22.370 WARNING: [81] [confId=8b conf_name=<name> meeting_id=47 epId=46 stats_id=<name>] Av1DDPacket.<init>#72: no ssrc 1120',
  ],
  ['relay for 2001:db8::7 refused', 'relay for <address> refused'],
  ['at org.jitsi.Foo.<init>(Foo.java:12)', 'at org.jitsi.Foo.<init>(Foo.java:12)'],
  ['[room=standup x=1] started at 10:57:11', '[room=<name> x=1] started at 10:57:11'],
])('%s stays readable', (line, sent) => {
  expect(withoutPersonalData(line)).toBe(sent);
});

it('lines have neither the address nor the key of a stream', () => {
  const lines = [
    "<jibri xmlns='http://jitsi.org/protocol/jibri' action='start' streamid='k3y-of-it' display_name='x'/>",
    'ffmpeg: rtmp://live.example.org/app/k3y-of-it: connection refused',
    'Opening rtmps://live.example.org:443/k3y-of-it for writing',
  ];
  for (const line of lines) {
    expect(withoutPersonalData(line)).not.toMatch(/k3y/);
    expect(withoutSecrets(line)).not.toMatch(/k3y/);
  }
});

it('lines of convoke itself have neither tokens nor XMPP addresses, and keep the rest', () => {
  expect(
    withoutSecrets('apt: 404 https://download.jitsi.org/stable/x.deb password=abc a@b.example.org'),
  ).toBe('apt: 404 https://download.jitsi.org/stable/x.deb password=<token> <jid>');
});
