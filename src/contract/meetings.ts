import { z } from 'zod';

/** Languages that Jitsi Meet is translated into, by the names of its own translation files. */
export const LANGUAGES = [
  ...[
    'af',
    'ar',
    'be',
    'bg',
    'ca',
    'cs',
    'da',
    'de',
    'dsb',
    'el',
    'en',
    'eo',
    'es',
    'es-US',
    'et',
    'eu',
    'fa',
  ],
  ...[
    'fi',
    'fr',
    'fr-CA',
    'gl',
    'he',
    'hi',
    'hr',
    'hsb',
    'hu',
    'hy',
    'id',
    'is',
    'it',
    'ja',
    'kab',
    'ko',
    'lt',
  ],
  ...[
    'lv',
    'mn',
    'mr',
    'nb',
    'nl',
    'oc',
    'pl',
    'pt',
    'pt-BR',
    'ro',
    'ru',
    'sc',
    'sk',
    'sl',
    'sq',
    'sr',
    'sv',
  ],
  ...['te', 'tr', 'uk', 'vi', 'zh-CN', 'zh-TW'],
] as const;

/** Video heights in pixels. Above 1080, bridges would forward more than screens show. */
const RESOLUTIONS = [180, 360, 720, 1080] as const;
export const LEAST_RESOLUTION = RESOLUTIONS[0];

/** More than any Jitsi meeting has; a larger number is a typing error. */
const MOST_PARTICIPANTS = 1000;

const afterParticipants = z
  .int()
  .min(0, 'must be at least 0')
  .max(MOST_PARTICIPANTS, `must be at most ${MOST_PARTICIPANTS}`);

/** Rejects invisible characters, which are usually typing errors. */
const title = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(60, 'is longer than 60 characters')
  .regex(/^\P{C}*$/u, 'has invisible characters');

/** `https://` and a host, with an optional port: a web origin as in Content-Security-Policy. */
const origin = z
  .string()
  .regex(
    /^https:\/\/(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}(?::\d{1,5})?$/,
    'is not an origin such as https://intranet.example.org',
  );

/** Settings of the meeting page, as a machine gets them: all but the logo, which is a file. */
export const MeetingSettings = z.strictObject({
  title: title
    .default('Jitsi Meet')
    .describe('Name of the application, shown to participants. Default: Jitsi Meet.'),
  language: z
    .enum(LANGUAGES)
    .optional()
    .describe('Default language of the page, such as "de". Default: the browser’s language.'),
  resolution: z
    .union(RESOLUTIONS.map((height) => z.literal(height)))
    .default(720)
    .describe('Maximum video height that a camera sends: 180, 360, 720 or 1080. Default: 720.'),
  startMuted: z
    .strictObject({
      audio: afterParticipants
        .optional()
        .describe('Participants after this number start with the microphone off.'),
      video: afterParticipants
        .optional()
        .describe('Participants after this number start with the camera off.'),
    })
    .default({})
    .describe(
      'Number of participants after which new participants start muted; 0 mutes all. Default: no one is muted.',
    ),
  watermark: z
    .boolean()
    .default(false)
    .describe('Whether meetings show Jitsi’s logo if you have none of your own. Default: false.'),
  lobby: z
    .enum(['on', 'off'], 'must be "on" or "off"')
    .default('off')
    .describe(
      'Whether meetings have a lobby as soon as a moderator is in them: others knock, and moderators let them in. Default: off; the moderator of a meeting can switch it on.',
    ),
  privacy: z
    .url({ protocol: /^https$/, error: 'is not an https URL' })
    .max(500, 'is longer than 500 characters')
    .optional()
    .describe('URL of your privacy notice, linked on the welcome page. Default: none.'),
  welcome: z
    .boolean()
    .default(true)
    .describe(
      'Whether the bare domain shows the welcome page; otherwise it opens a new meeting. Default: true.',
    ),
  embedding: z
    .union([
      z.enum(['anywhere', 'nowhere']),
      z.array(origin).min(1, 'has no origins: use nowhere, or list them').max(20, 'has more than 20 origins'),
    ])
    .default('anywhere')
    .describe(
      'Sites that may embed meetings in a frame: anywhere, nowhere, or a list of origins. Default: anywhere.',
    ),
});
export type MeetingSettings = z.infer<typeof MeetingSettings>;

/** `meetings` in `convoke.yaml`. */
export const Meetings = MeetingSettings.extend({
  logo: z
    .string()
    .min(1, 'is empty')
    .optional()
    .describe('File with your logo, PNG or SVG, at most 200 KB. Default: none.'),
}).describe('Appearance and behaviour of the meeting page.');
