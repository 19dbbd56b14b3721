import { AGENT_STATE, RECORDINGS_FOLDER } from '../../../contract/machine-layout.js';
import type { RecorderSpec } from '../../../contract/machine-spec.js';
import { STRESS_EVERY } from '../../../contract/metrics.js';
import { recordingKey, roomHash, roomInKey } from '../../../contract/recording.js';
import { discovery } from '../../cluster-members/discover.js';
import type { InstanceContext } from '../../facts.js';
import { daemons } from '../../render/index.js';
import { watchMembers } from '../cluster-members.js';
import { jibri } from '../daemons/jibri.js';
import type { DrainRules } from '../drain/drain.js';
import { DRAIN_LOOP_INTERVAL, drainLoop } from '../drain/drain-loop.js';
import { every } from '../every.js';
import { observeRecorder } from '../health/collect.js';
import { recorderHealth } from '../health/health.js';
import { log } from '../log.js';
import { recorderMetrics } from '../metrics/metrics.js';
import { servePrometheus, sources } from '../metrics/prometheus.js';
import type { Reporter } from '../metrics/reporter.js';
import type { RecorderObservation } from '../observation.js';
import { type State, serve } from '../server.js';
import { CHECK_INTERVAL, watch } from '../watch.js';
import type { RecordedFile } from './recorded-files.js';
import { uploads } from './uploads.js';

/** Milliseconds. */
const UPLOAD_INTERVAL = 5_000;
/** Milliseconds. A recorder that begins to record is protected from scale-in within this time. */
const PROTECT_INTERVAL = 1_000;

const RULES: DrainRules = {
  // Until every Jicofo has seen that Jibri is gone, it may ask for a recording.
  settleTime: 2_000,
  // Auto Scaling keeps a machine at a hook with heartbeats for 48 hours, or a hundred times its timeout, if that is less.
  limit: 8 * 60 * 60_000,
  movesParticipants: false,
};

/**
 * The agent of a recorder: uploads recordings while they are written, keeps a machine that records from being terminated, and
 * drains until its recording has ended and is uploaded.
 */
export async function runRecorder(
  spec: RecorderSpec,
  { instanceId, privateAddress }: InstanceContext,
  reporter: Reporter,
): Promise<never> {
  const recorder = jibri();
  const others = await watchMembers(spec, discovery(spec, instanceId));
  const running = daemons(spec);
  const considerHealth = watch(reporter);
  const { bucket } = await import('./bucket.js');
  const toBucket = uploads({
    recordings: RECORDINGS_FOLDER,
    state: `${AGENT_STATE}/uploads`,
    bucket: bucket(spec.region, spec.bucket),
    key: keyOf(spec, instanceId),
  });
  let seen: RecorderObservation = await observeRecorder(running, recorder);
  let state: State | undefined;
  let isProtected: boolean | undefined;

  const drain = await drainLoop(
    {
      rules: RULES,
      facts: async () => {
        const [now, { units }] = [await recorder.status(), seen];
        return {
          closed: now === undefined && units.jibri === 'inactive',
          // A recording that is not uploaded yet counts as one that goes on.
          participants: Math.max(now?.busy ? 1 : 0, toBucket.pending()),
          failed: units.jibri === 'failed' && toBucket.pending() === 0,
        };
      },
      setClosed: (closed) => (closed ? recorder.close() : recorder.open()),
      move: async () => {},
    },
    reporter,
  );
  await serve(() => state);
  if (spec.prometheus) await servePrometheus(privateAddress, sources(spec));

  const check = async () => {
    seen = await observeRecorder(running, recorder);
    const shards = others.known()?.filter(({ role }) => role === 'shard').length;
    const health = recorderHealth(seen, shards);
    const metrics = recorderMetrics(seen, toBucket.failing(Date.now()));
    const at = new Date().toISOString();
    state = { at, health, metrics, seen, members: others.known(), draining: drain.why() };
    await considerHealth(health);
    if (seen.jibri && !seen.jibri.healthy && !seen.jibri.busy) {
      log.error('Jibri reports that it is not healthy: starting it again');
      // The drain loop starts it once it has ended.
      await recorder.close();
    }
  };
  const protect = async () => {
    const busy = (await recorder.status())?.busy || toBucket.pending() > 0;
    if (busy === isProtected) return;
    await reporter.protect(busy);
    isProtected = busy;
  };

  await check();
  return Promise.race([
    others.watch(),
    every(CHECK_INTERVAL, 'the health check', check),
    every(PROTECT_INTERVAL, 'protection from scale-in', protect),
    every(UPLOAD_INTERVAL, 'uploading recordings', () => toBucket.round(seen.jibri?.busy === true)),
    every(DRAIN_LOOP_INTERVAL, 'draining', drain.round),
    every(STRESS_EVERY * 1_000, 'publishing metrics', () =>
      reporter.publish(recorderMetrics(seen, toBucket.failing(Date.now())), new Date()),
    ),
  ]);
}

/** Names of rooms leave the machine only if the deployment's diagnostics do so, too. */
const keyOf = (spec: RecorderSpec, instanceId: string) => (file: RecordedFile) =>
  recordingKey({
    began: file.began,
    room: roomHash(file.room),
    instanceId,
    ...(spec.logs.diagnostics === 'full' && { name: roomInKey(file.room) }),
  });
