import { createHash } from 'node:crypto';
import { logoPath } from '../../contract/machine-layout.js';
import type { ShardSpec } from '../../contract/machine-spec.js';
import type { Refusal } from '../../contract/tokens.js';
import keptInvitation from '../../page/kept-invitation.text.js';
import { html } from './quoting.js';

/** The settings of the deployment that a page without a meeting shows. */
export interface PageSettings {
  readonly title: string;
  /** Path of the logo. */
  readonly logo?: string | undefined;
  /** Address of the privacy notice. */
  readonly privacy?: string | undefined;
}

export const pageSettings = ({ meetings, logo }: Pick<ShardSpec, 'meetings' | 'logo'>): PageSettings => ({
  title: meetings.title,
  logo: logo && logoPath(logo.type),
  privacy: meetings.privacy,
});

/** The text of a page: what happened, and what to do. */
export interface Words {
  readonly what: string;
  readonly now: string;
  readonly links?: readonly Target[];
  /** Posts an empty form. */
  readonly button?: Target;
}

interface Target {
  readonly text: string;
  readonly to: string;
}

/** Headers of such a page: only its own script, if any, may run. `directive`: what else the policy allows. */
export const wordsHeaders = (program?: string, directive?: string) => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; img-src 'self'${program ? `; script-src 'sha256-${createHash('sha256').update(program).digest('base64')}'` : ''}${directive ? `; ${directive}` : ''}`,
});

const WORDS: Readonly<Record<Refusal, Words>> = {
  missing: {
    what: 'Meetings here are by invitation.',
    now: 'Open the link that you were sent. If you have none, ask the host of the meeting for one.',
  },
  expired: {
    what: 'This invitation has expired.',
    now: 'Ask the host of the meeting for a new link.',
  },
  early: {
    what: 'This invitation is not valid yet.',
    now: 'Try again a little later, or check the clock of this device.',
  },
  room: {
    what: 'This invitation is for another meeting.',
    now: 'Open the link as it was sent to you, without changing it.',
  },
  invalid: {
    what: 'This invitation is not valid.',
    now: 'Open the whole link as it was sent to you: part of it may be missing. Otherwise ask for a new one.',
  },
};

/** A page that says why admission was refused. If the address has no token, the tab may have stored one. */
export function refusalPage(why: Refusal, page: PageSettings) {
  const program = why === 'missing' ? keptInvitation : undefined;
  return { headers: wordsHeaders(program), body: wordsPage(WORDS[why], page, program) };
}

/** A page that says why there is no meeting, and what to do. It loads only the logo. `data`: for its script. */
export function wordsPage(
  { what, now, links = [], button }: Words,
  { title, logo, privacy }: PageSettings,
  program?: string,
  data: Readonly<Record<string, string>> = {},
): string {
  const attributes = Object.entries(data).map(([name, value]) => ` data-${name}="${html(value)}"`);
  const more = [
    ...links.map(({ text, to }) => `<p><a href="${html(to)}">${html(text)}</a></p>`),
    ...(button
      ? [`<form method="post" action="${html(button.to)}"><button>${html(button.text)}</button></form>`]
      : []),
  ].map((element) => `\n    ${element}`);
  return `<!DOCTYPE html>
<html lang="en"${attributes.join('')}>
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="robots" content="noindex">
  <title>${html(title)}</title>
  <style>
    body { margin: 0; font: 1.1rem/1.5 system-ui, sans-serif; }
    main { max-width: 34rem; margin: 0 auto; padding: 12vh 1.25rem 2rem; }
    h1 { font-size: 1.5rem; line-height: 1.25; }
    img { max-width: 100%; max-height: 4rem; }
  </style>${program ? `\n  <script>${program}</script>` : ''}
</head>
<body>
  <main>
    ${logo ? `<img src="${html(logo)}" alt="${html(title)}">` : `<p>${html(title)}</p>`}
    <h1>${what}</h1>
    <p>${now}</p>${more.join('')}${privacy ? `\n    <p><a href="${html(privacy)}" rel="noopener">Privacy</a></p>` : ''}
  </main>
</body>
</html>
`;
}
