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

/** Heights of a camera's picture, in pixels. Above 1080, bridges would carry what nobody's screen shows. */
const RESOLUTIONS = [180, 360, 720, 1080] as const;
export const LEAST_RESOLUTION = RESOLUTIONS[0];

/** No meeting of Jitsi's gets near it; a larger number is a slip. */
const MOST_PARTICIPANTS = 1000;

const afterParticipants = z
  .int()
  .min(0, 'must be at least 0')
  .max(MOST_PARTICIPANTS, `must be at most ${MOST_PARTICIPANTS}`);

/** What one sees of a title that is a slip of the keyboard is nothing, or a broken line. */
const title = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(60, 'is longer than 60 characters')
  .regex(/^\P{C}*$/u, 'holds characters that cannot be seen');

/** `https://` and a host, with a port if need be: what a browser compares with where a frame is. */
const origin = z
  .string()
  .regex(
    /^https:\/\/(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}(?::\d{1,5})?$/,
    'is not an origin such as https://intranet.example.org',
  );

/** What the page of meetings is to look like and do. As a machine is told it: all but the logo, which is a file. */
export const MeetingSettings = z.strictObject({
  title: title
    .default('Jitsi Meet')
    .describe('Name of the application, as people see it. Default: Jitsi Meet.'),
  language: z
    .enum(LANGUAGES)
    .optional()
    .describe('Language of people who have not chosen one, such as "de". Default: that of the browser.'),
  resolution: z
    .union(RESOLUTIONS.map((height) => z.literal(height)))
    .default(720)
    .describe('Most lines that a camera sends: 180, 360, 720 or 1080. Default: 720.'),
  startMuted: z
    .strictObject({
      audio: afterParticipants
        .optional()
        .describe('Who comes after so many others starts with the microphone off.'),
      video: afterParticipants
        .optional()
        .describe('Who comes after so many others starts with the camera off.'),
    })
    .default({})
    .describe('Who starts muted: everybody after so many participants; 0 is everybody. Default: nobody.'),
  watermark: z
    .boolean()
    .default(false)
    .describe('Whether Jitsi’s own logo is in meetings where no other is given. Default: false.'),
  privacy: z
    .url({ protocol: /^https$/, error: 'is not an https address' })
    .max(500, 'is longer than 500 characters')
    .optional()
    .describe('Address of your privacy notice, linked on the welcome page. Default: none.'),
  welcome: z
    .boolean()
    .default(true)
    .describe(
      'Whether the bare domain is a page to name a meeting on; otherwise it opens a new meeting. Default: true.',
    ),
  embedding: z
    .union([z.enum(['anywhere', 'nowhere']), z.array(origin).min(1).max(20)])
    .default('anywhere')
    .describe(
      'Sites that may show meetings in a frame: anywhere, nowhere, or a list of origins. Default: anywhere.',
    ),
});
export type MeetingSettings = z.infer<typeof MeetingSettings>;

/** The same in `convoke.yaml`. */
export const Meetings = MeetingSettings.extend({
  logo: z
    .string()
    .min(1, 'is empty')
    .optional()
    .describe('File with your logo, PNG or SVG, 200 KB at most. Default: none.'),
}).describe('What the page of meetings looks like and does.');
