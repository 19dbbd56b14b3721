import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { START_RECORDER_FLAG } from '../../../contract/machine-layout.js';
import { PORTS } from '../../../contract/ports.js';
import type { Jibri as Seen } from '../observation.js';
import { REST_TIMEOUT, read } from './rest.js';

const Health = z.object({
  status: z.object({
    busyStatus: z.enum(['IDLE', 'BUSY', 'EXPIRED']),
    health: z.object({ healthStatus: z.enum(['HEALTHY', 'UNHEALTHY']) }),
  }),
});

/** Client of the local Jibri's REST interfaces. */
export interface Jibri {
  /** Undefined if Jibri does not answer. */
  status(): Promise<Seen | undefined>;
  /** Has Jibri end as soon as it records nothing, without being started again. Nothing if it has ended. */
  close(): Promise<void>;
  /** Has systemd start it. */
  open(): Promise<void>;
}

export function jibri(): Jibri {
  return {
    async status() {
      const answer = await read(`http://127.0.0.1:${PORTS.recorderRest}/jibri/api/v1.0/health`, Health);
      return (
        answer && {
          busy: answer.status.busyStatus === 'BUSY',
          healthy: answer.status.health.healthStatus === 'HEALTHY',
        }
      );
    },
    async close() {
      const url = `http://127.0.0.1:${PORTS.recorderControl}/jibri/api/internal/v1.0/gracefulShutdown`;
      // While it exits it may close the connection without an answer.
      await fetch(url, { method: 'POST', signal: AbortSignal.timeout(REST_TIMEOUT) }).catch(() => undefined);
    },
    open: () => writeFile(START_RECORDER_FLAG, ''),
  };
}
