import type { BrowsersResult } from '../../operations/probe/browsers.js';
import type { BrowserParticipant } from '../../operations/probe/verdict.js';
import { type Output, seconds } from './output.js';

/** What browsers had of a meeting: how they got in, and what they received. */
export function drawBrowsers({ participants, untried, detail }: BrowsersResult, output: Output): string {
  const { paint } = output;
  return [
    ...(participants.length > 0 ? [entered(participants, output), '', received(participants, output)] : []),
    ...untried.map((sentence) => `${paint.yellow('!')} ${sentence}`),
    ...(detail ? [`${paint.red('✗')} ${detail}`] : []),
  ].join('\n');
}

function entered(participants: readonly BrowserParticipant[], output: Output): string {
  return output.table(
    ['browser', 'in the room after', 'first picture after', 'shard', 'bridge', 'side channel'],
    participants.map(({ name, joined, firstFrame, shard, bridges, dataChannel }) => [
      name,
      seconds(joined),
      firstFrame === undefined ? '–' : seconds(firstFrame),
      shard || '–',
      bridges.join(', ') || '–',
      dataChannel ? 'open' : 'closed',
    ]),
  );
}

function received(participants: readonly BrowserParticipant[], output: Output): string {
  const others = participants.length - 1;
  return output.table(
    ['browser', 'sees', 'resolution', 'frames a second', 'hears', 'loss', 'shared screen', 'chat'],
    participants.map(({ name, videos, heard, speaking, loss, screen, message }) => [
      name,
      `${videos.length} of ${others}`,
      [...new Set(videos.map(({ width = 0, height = 0 }) => `${width}×${height}`))].join(', ') || '–',
      videos.map(({ rate }) => rate.toFixed(0)).join(', ') || '–',
      `${heard} of ${speaking}`,
      loss === undefined ? '–' : `${(loss * 100).toFixed(1)} %`,
      word(screen, 'seen', 'not seen'),
      word(message, 'read', 'not read'),
    ]),
  );
}

const word = (is: boolean | undefined, yes: string, no: string) => (is === undefined ? '–' : is ? yes : no);
