import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { openRecording, recordingsBucket, storedRecordings } from '../../cloud/recordings.js';
import { ConvokeError } from '../../contract/errors.js';
import { roomHash } from '../../contract/recording.js';
import { type DrillResult, powerCut, watched } from '../../operations/drill/drill.js';
import { type DrillRun, REPLACED_WITHIN_MS } from '../../operations/drill/drill-run.js';
import { measurement } from '../../operations/drill/measurements.js';
import { enterMeeting } from '../../operations/probe/enter-meeting.js';
import { probeRoom } from '../../operations/probe/room-name.js';
import type { Participant } from '../../operations/probe/xmpp-participant.js';
import { type ScenarioContext, seen } from './context.js';

const ANSWER_MS = 30_000;
/** Seconds that are recorded. */
const RECORDED = 25;
/** Seconds within which a recording is in the bucket after its end. */
const UPLOADED_LIMIT = 30;
/** Seconds within which the room is told that its recorder is gone. */
const TOLD_LIMIT = 30;

/**
 * A meeting brings a recorder. It is recorded, and the file is in the bucket, with sound and picture of the right size and
 * length. Then the recorder loses its power while it records: the meeting is told, and another recorder comes.
 */
export const recording = (context: ScenarioContext): Promise<DrillResult> => {
  if (!context.deployment.recording) {
    throw new ConvokeError('NoRecorders', {
      what: 'This deployment has no recorders.',
      now: 'Use a file with "recording", such as examples/recording.yaml.',
      fault: 'user',
    });
  }
  return watched(context, async (run) => {
    const { account, deployment, clock, signal } = context;
    const room = probeRoom();
    const broke = 'record a meeting, and cut the power of its recorder while it records again';
    const enter = () =>
      enterMeeting({
        domain: deployment.domain,
        room,
        endpointOverride: account.endpointOverride,
        timeout: ANSWER_MS,
      });
    const people: Participant[] = [];
    const bucket = await recordingsBucket(account, deployment.name);
    try {
      await run.breakIt(broke, async () => {
        people.push(await enter(), await enter());
      });
      const [moderator] = people as [Participant];
      const began = clock.now().getTime();
      const seconds = (from: number) => (clock.now().getTime() - from) / 1_000;

      await run.stage('recorder', 'Wait for a recorder', () => startRecording(context, moderator));
      const ready = seconds(began);
      await moderator.recordingIs('on', ANSWER_MS);
      run.say('the meeting is recorded');
      await clock.wait(RECORDED * 1_000, signal);
      const stopped = clock.now().getTime();
      await run.stage('upload', 'Stop, and wait for the file', async () => {
        await moderator.record('stop', ANSWER_MS);
        await seen(context, 'a recording in the bucket', 120, async () => (await filesOf(room)).length > 0);
      });
      const uploaded = seconds(stopped);
      const [key = ''] = await filesOf(room);
      const file = await probeFile(await openRecording(account, bucket, key));

      const lost = await run.stage('lost', 'Cut the power of a recorder that records', () =>
        loseRecorder(context, run, moderator),
      );
      return {
        broke,
        victims: [],
        elsewhere: [],
        measurements: [
          measurement('ready', 'a recorder recorded, once somebody met, after', ready, 's'),
          measurement('uploaded', 'the file was in the bucket after', uploaded, 's', UPLOADED_LIMIT),
          measurement(
            'missing',
            `seconds of ${RECORDED} that are missing in the file`,
            Math.max(0, RECORDED - file.seconds),
            's',
            3,
          ),
          measurement('height', 'lines of its picture that are missing', 1080 - file.height, '', 0),
          measurement('dark', 'percent of its picture that are darker than the page', file.dark, '%', 20),
          measurement('sound', 'sound tracks that are missing', 1 - file.sounds, '', 0),
          measurement(
            'told',
            'the meeting was told that its recorder is gone after',
            lost.told,
            's',
            TOLD_LIMIT,
          ),
          measurement('again', 'the meeting could be recorded again after', lost.again, 's'),
        ],
      };
    } finally {
      await Promise.all(people.map((one) => one.leave()));
    }

    async function filesOf(name: string): Promise<string[]> {
      const all = (await storedRecordings(account, bucket)) ?? [];
      return all.map(({ key }) => key).filter((key) => key.includes(roomHash(name)));
    }
  });
};

/** Asks until a recorder is there. */
async function startRecording(context: ScenarioContext, moderator: Participant): Promise<void> {
  await seen(context, 'a recorder', REPLACED_WITHIN_MS / 1_000, () =>
    moderator.record('start', ANSWER_MS).then(
      () => true,
      async () => {
        await context.clock.wait(2_000, context.signal);
        return false;
      },
    ),
  );
}

async function loseRecorder(
  context: ScenarioContext,
  run: DrillRun,
  moderator: Participant,
): Promise<{ told: number; again: number }> {
  const { clock, account } = context;
  await startRecording(context, moderator);
  await moderator.recordingIs('on', ANSWER_MS);
  const recorders = run.machines.now.filter(
    ({ role, lifecycle }) => role === 'recorder' && lifecycle === 'InService',
  );
  const cut = clock.now().getTime();
  await powerCut(account).bring(recorders);
  await moderator.recordingIs('off', 120_000);
  const told = (clock.now().getTime() - cut) / 1_000;
  await startRecording(context, moderator);
  await moderator.recordingIs('on', ANSWER_MS);
  return { told, again: (clock.now().getTime() - cut) / 1_000 };
}

const Probed = z.object({
  format: z.object({ duration: z.coerce.number() }),
  streams: z.array(z.object({ codec_type: z.string(), height: z.number().optional() })),
});

/** Average brightness of a frame, 0 black to 1 white: the frame is scaled to one pixel. */
async function brightness(file: string, at: number): Promise<number> {
  const { stdout } = await execa(
    'ffmpeg',
    [
      '-v',
      'error',
      '-ss',
      String(at),
      '-i',
      file,
      '-frames:v',
      '1',
      '-vf',
      'scale=1:1,format=gray',
      '-f',
      'rawvideo',
      '-',
    ],
    { encoding: 'buffer' },
  );
  return (stdout[0] ?? 0) / 255;
}

const noFfprobe = () =>
  new ConvokeError('NoFfprobe', {
    what: 'The recording cannot be checked, because ffprobe is not installed on this machine.',
    now: 'Install it with "apt-get install ffmpeg", and run the same command again.',
    fault: 'user',
  });

/** Length, height of the picture, and number of sound tracks, by FFmpeg's own reading. */
async function probeFile(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ seconds: number; height: number; sounds: number; dark: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'convoke-recording-'));
  try {
    const file = join(folder, 'recording.mp4');
    await writeFile(file, bytes);
    const { stdout, code } = await execa(
      'ffprobe',
      [...['-v', 'error', '-of', 'json', '-show_entries', 'format=duration:stream=codec_type,height'], file],
      { reject: false },
    );
    if (code === 'ENOENT') throw noFfprobe();
    const { format, streams } = Probed.parse(JSON.parse(stdout));
    const bright = await brightness(file, format.duration / 2);
    return {
      seconds: format.duration,
      height: streams.find(({ codec_type }) => codec_type === 'video')?.height ?? 0,
      dark: Math.round(100 * (1 - bright)),
      sounds: streams.filter(({ codec_type }) => codec_type === 'audio').length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
