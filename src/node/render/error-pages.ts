import type { ShardFacts } from '../facts.js';
import { type Daemon, type MachineFile, NOTICE } from './file.js';
import { pageSettings, type Words, wordsHeaders, wordsPage } from './refusal-page.js';

/** What HAProxy answers to an address that it and nginx might read differently, headers included. */
export const UNREADABLE_FILE = '/etc/haproxy/convoke-400.http';
/** What HAProxy answers to an address that is too long. */
export const TOO_LONG_FILE = '/etc/haproxy/convoke-414.html';
/** What nginx answers to a path that can be no meeting. */
export const NO_MEETING_FILE = '/etc/jitsi/meet/convoke-no-meeting.html';

const UNREADABLE: Words = {
  what: 'This address cannot be read.',
  now: 'It may have two slashes in a row, or a character that no address has. Open the link as it was sent to you, or ask for a new one.',
};
const TOO_LONG: Words = {
  what: 'This address is too long.',
  now: 'An invitation has at most 8192 characters. Ask the host of the meeting for a shorter link.',
};
const NO_MEETING: Words = {
  what: 'There is no meeting at this address.',
  now: 'Before the name of a meeting there may be one more part, as in /team/meeting. It may have 63 letters, digits, dots, hyphens and underscores, all of them ASCII, and begins with a letter or digit.',
};

/** Pages for addresses that lead to no meeting. */
export function errorPages({ spec }: ShardFacts): MachineFile[] {
  const file = (path: string, text: string, ...readBy: Daemon[]): MachineFile => ({
    path,
    mode: 0o644,
    owner: 'root:root',
    text,
    readBy,
  });
  const page = (words: Words): string => `${wordsPage(words, pageSettings(spec))}<!-- ${NOTICE} -->\n`;
  const headers = Object.entries(wordsHeaders()).map(([name, value]) => `${name}: ${value}\r\n`);
  return [
    // HAProxy adds the length.
    file(
      UNREADABLE_FILE,
      `HTTP/1.1 400 Bad Request\r\n${headers.join('')}\r\n${page(UNREADABLE)}`,
      'haproxy',
    ),
    file(TOO_LONG_FILE, page(TOO_LONG), 'haproxy'),
    // nginx reads it at each request.
    file(NO_MEETING_FILE, page(NO_MEETING)),
  ];
}
