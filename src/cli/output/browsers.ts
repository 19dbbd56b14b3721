import type { BrowsersResult } from '../../operations/probe/browsers.js';
import type { BrowserParticipant } from '../../operations/probe/verdict.js';
import { type Output, seconds } from './output.js';

/** How each browser joined the meeting, and what it received. */
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
    ['browser', 'joined after', 'first frame after', 'shard', 'bridge', 'data channel'],
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
      yesNo(screen, 'seen', 'not seen'),
      yesNo(message, 'received', 'not received'),
    ]),
  );
}

const yesNo = (is: boolean | undefined, yes: string, no: string) => (is === undefined ? '–' : is ? yes : no);
