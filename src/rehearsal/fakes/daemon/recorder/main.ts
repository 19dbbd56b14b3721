import { z } from 'zod';
import { type Routes, serveRest } from '../rest.js';
import { configuredSettings, type Settings } from '../settings.js';
import { tolerateSlowLogins, trustAnyCertificate } from '../xmpp-session.js';
import { environments } from './environment.js';
import { Recorder } from './recorder.js';

/**
 * A fake of Jibri: same logins, REST APIs, states and files. It enters a meeting without its browser, which shows the page only:
 * neither sound nor pictures of participants are in the files.
 */

const Texts = z.array(z.string());

async function main(settings: Settings): Promise<void> {
  trustAnyCertificate();
  const recorder = new Recorder({
    environments: environments(settings),
    folder: settings.text('jibri.recording.recordings-directory', '/tmp/recordings'),
    flags: Texts.parse(settings.value('jibri.chrome.flags') ?? []),
    commands: {
      file: Texts.parse(settings.value('jibri.ffmpeg.command-linux-recording')),
      stream: Texts.parse(settings.value('jibri.ffmpeg.command-linux-streaming')),
    },
    log: console.log,
  });
  const host = (path: string) => settings.text(`jibri.api.http.${path}-api-host`, '127.0.0.1');
  const port = (path: string, otherwise: number) =>
    settings.number(`jibri.api.http.${path}-api-port`, otherwise);
  await serveRest(host('external'), port('external', 2222), state(recorder));
  await serveRest(host('internal'), port('internal', 3333), control(recorder));
  recorder.start();
  process.on('SIGTERM', () => void recorder.stop().then(() => process.exit(143)));
  console.log('Fake of Jibri is up; what it records has no meeting in it.');
}

const state = (recorder: Recorder): Routes => ({
  'GET /jibri/api/v1.0/health': () => ({
    status: 200,
    body: {
      fake: true,
      status: {
        busyStatus: recorder.isBusy ? 'BUSY' : 'IDLE',
        health: { healthStatus: 'HEALTHY', details: {} },
      },
    },
  }),
});

function control(recorder: Recorder): Routes {
  const exit = (code: number) => setImmediate(() => process.exit(code));
  const whenIdle = (code: number) => () => {
    recorder.executeWhenIdle(() => void exit(code));
    return { status: 200 };
  };
  return {
    'POST /jibri/api/internal/v1.0/gracefulShutdown': whenIdle(255),
    'POST /jibri/api/internal/v1.0/notifyConfigChanged': whenIdle(0),
    'POST /jibri/api/internal/v1.0/shutdown': () => {
      void recorder.stop().then(() => exit(255));
      return { status: 200 };
    },
  };
}

tolerateSlowLogins();
Promise.resolve()
  .then(() => main(configuredSettings(process.env)))
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
