import { availableParallelism } from 'node:os';
import { serveRest } from '../rest.js';
import { configuredSettings, type Settings } from '../settings.js';
import { loginFrom, stayLoggedIn, tolerateSlowLogins, trustAnyCertificate } from '../xmpp-session.js';
import { Focus } from './focus.js';
import { focusRoutes } from './rest-api.js';

/** A fake of Jicofo: same login, REST API, rooms and selection of bridges. Its offers have no media. */

const VERSION = process.env.FAKE_VERSION ?? 'fake';

async function main(settings: Settings): Promise<void> {
  const login = loginFrom(settings, 'jicofo.xmpp.client', 'focus');
  if (settings.flag('jicofo.xmpp.client.disable-certificate-verification', false)) trustAnyCertificate();
  const stressPerEndpoint = settings.number('jicofo.bridge.average-participant-stress', 0.01);
  const interval = settings.milliseconds('jicofo.bridge.health-checks.interval', 10_000);
  const focus = new Focus(
    {
      brewery: settings.text('jicofo.bridge.brewery-jid').toLowerCase(),
      recorderBrewery: settings.text('jicofo.jibri.brewery-jid', '').toLowerCase() || undefined,
      rejoins: settings.flag('jicofo.fake.rejoins-brewery', true),
      failureReset: settings.milliseconds('jicofo.bridge.failure-reset-threshold', 60_000),
      stressPerEndpoint,
      healthChecks: {
        enabled: settings.flag('jicofo.bridge.health-checks.enabled', true),
        interval,
        retryDelay: settings.milliseconds('jicofo.bridge.health-checks.retry-delay', interval / 2),
        usePresence: settings.flag('jicofo.bridge.health-checks.use-presence', false),
        presenceTimeout: settings.milliseconds('jicofo.bridge.health-checks.presence-timeout', 45_000),
      },
      initialTimeout: settings.milliseconds('jicofo.conference.initial-timeout', 15_000),
      singleParticipantTimeout: settings.milliseconds('jicofo.conference.single-participant-timeout', 20_000),
      minParticipants: settings.number('jicofo.conference.min-participants', 2),
      autoOwner: settings.flag('jicofo.conference.enable-auto-owner', true),
      replyTimeout: settings.milliseconds('jicofo.xmpp.client.reply-timeout', 15_000),
    },
    console.log,
  );

  const stopped = new AbortController();
  const session = stayLoggedIn(
    login,
    {
      prepare: (xmpp) => focus.recorders.prepare(xmpp),
      online: (xmpp) => focus.online(xmpp),
      offline: (why) => focus.offline(why),
      stanza: (stanza) => focus.follow(stanza),
    },
    stopped.signal,
  );
  if (focus.rules.healthChecks.enabled) watchBridges(focus);

  const rest = settings.flag('jicofo.rest.enabled', true)
    ? await serveRest(
        settings.text('jicofo.rest.host', '127.0.0.1'),
        settings.number('jicofo.rest.port', 8888),
        focusRoutes(focus, `${login.username}@${login.domain}`, VERSION, settings),
        // The same number as Jicofo.
        availableParallelism(),
      )
    : undefined;

  const leave = async () => {
    rest?.close();
    stopped.abort();
    await session;
    process.exit(143);
  };
  process.on('SIGTERM', () => void leave());
  process.on('SIGINT', () => void leave());
  console.log('Fake of Jicofo is up; its meetings carry no media.');
}

/** The next round starts one interval after the end of the last, as in Jicofo. */
function watchBridges(focus: Focus): void {
  const round = async () => {
    await focus.checkBridges();
    setTimeout(() => void round(), focus.rules.healthChecks.interval);
  };
  setTimeout(() => void round(), focus.rules.healthChecks.interval);
}

tolerateSlowLogins();
Promise.resolve()
  .then(() => main(configuredSettings(process.env)))
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
