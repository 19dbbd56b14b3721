import { Option } from 'commander';
import { ConvokeError } from '../contract/errors.js';
import {
  deleteRecording,
  downloadRecording,
  type ListedRecording,
  linkRecording,
  MOST_LINK_HOURS,
  recordings,
} from '../operations/recordings.js';
import type { Output } from './output/output.js';
import { type Verb, verbCommand } from './verb.js';

export const verb: Verb = {
  command: verbCommand(
    'recordings',
    'Lists recordings, downloads one, makes a link to one, or deletes one. A recording is named by its id or a part of it, or "latest".',
  )
    .addOption(new Option('--get <recording>', 'download it').conflicts(['link', 'delete']))
    .option('--to <file>', 'with --get: the file to write (default: named after the recording)')
    .addOption(
      new Option(
        '--link <recording>',
        'print an address from which anybody who has it can download it',
      ).conflicts(['get', 'delete']),
    )
    .option('--hours <hours>', 'with --link: how long the address works', '24')
    .addOption(new Option('--delete <recording>', 'delete it for good').conflicts(['get', 'link'])),
  async run({ inAccount, output }, flags) {
    const hours = hoursOf(String(flags.hours));
    const { deployment, account } = await inAccount();
    if (typeof flags.get === 'string') {
      const to = typeof flags.to === 'string' ? flags.to : undefined;
      const { recording, file } = await downloadRecording(account, deployment, flags.get, to);
      output.result({ ...recording, file }, `${file}  ${size(recording.bytes)}`);
    } else if (typeof flags.link === 'string') {
      const { recording, url, until } = await linkRecording(account, deployment, flags.link, hours);
      output.result({ ...recording, url, until }, url);
      output.note(`It works until ${minute(until)} UTC, for everybody who has it.`);
    } else if (typeof flags.delete === 'string') {
      const recording = await deleteRecording(account, deployment, flags.delete);
      output.result(recording, `Deleted ${recording.id}.`);
    } else {
      const { bucket, list } = await recordings(account, deployment);
      output.result({ bucket, recordings: list }, draw(list, output));
    }
    return 0;
  },
};

function hoursOf(text: string): number {
  const hours = Number(text);
  if (Number.isInteger(hours) && hours >= 1 && hours <= MOST_LINK_HOURS) return hours;
  throw new ConvokeError('OptionsInvalid', {
    what: `--hours ${text} is not a number of hours from 1 to ${MOST_LINK_HOURS}.`,
    why: 'AWS refuses links that are valid for more than seven days.',
    now: 'Give a whole number, such as --hours 48.',
    fault: 'user',
  });
}

function draw(list: readonly ListedRecording[], output: Output): string {
  if (list.length === 0) return 'There are no recordings.';
  const { paint } = output;
  const states = {
    stored: '',
    recording: paint.green('being recorded'),
    interrupted: paint.yellow('interrupted: its recorder failed'),
  };
  return output.table(
    ['began, UTC', 'room', 'size', 'id', ''],
    list.map(({ began, room, name, bytes, id, state }) => [
      minute(began),
      name ?? room,
      size(bytes),
      id,
      states[state],
    ]),
  );
}

const minute = (at: Date): string => at.toISOString().slice(0, 16).replace('T', ' ');

const size = (bytes: number): string =>
  bytes < 2 ** 20 ? `${Math.ceil(bytes / 2 ** 10)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
