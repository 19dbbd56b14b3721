import type { Refusal } from '../../contract/tokens.js';
import { html } from '../render/quoting.js';

/** Settings shown on the refusal page. */
export interface PageSettings {
  readonly title: string;
  /** Path of the logo. */
  readonly logo?: string | undefined;
  /** Address of the privacy notice. */
  readonly privacy?: string | undefined;
}

const TEXTS: Readonly<Record<Refusal, { readonly what: string; readonly now: string }>> = {
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

/**
 * The page that explains why participants are not admitted, and what to do. It has no scripts and loads only the
 * logo.
 */
export function refusalPage(why: Refusal, { title, logo, privacy }: PageSettings): string {
  const { what, now } = TEXTS[why];
  return `<!DOCTYPE html>
<html lang="en">
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
  </style>
</head>
<body>
  <main>
    ${logo ? `<img src="${html(logo)}" alt="${html(title)}">` : `<p>${html(title)}</p>`}
    <h1>${what}</h1>
    <p>${now}</p>${privacy ? `\n    <p><a href="${html(privacy)}" rel="noopener">Privacy</a></p>` : ''}
  </main>
</body>
</html>
`;
}
