import { join } from 'node:path';
import type { startRehearsal } from '../../src/rehearsal/account.js';
import { freePort } from '../free-port.js';

/** Starts a cloud with simulated machines, with the built command. */
export async function startSimulatedCloud(): Promise<void> {
  const built = (await import(join(process.cwd(), 'dist/rehearsal/account.js'))) as {
    startRehearsal: typeof startRehearsal;
  };
  await built.startRehearsal('eu-central-1', {
    controlPlaneOnly: true,
    ports: { aws: await freePort(), web: await freePort() },
    onProgress: () => {},
  });
}
