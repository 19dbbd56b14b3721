import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Deployment } from '../../src/config/deployment.js';
import { boundaryDocument, deployerPolicies } from '../../src/operations/policy/policy.js';
import { templates } from '../../src/operations/synthesize.js';
import { emulatorPython, installEmulator } from '../../src/rehearsal/emulator-install.js';

/** The emulator's account, and the zone that its tests create. */
const WHERE = { account: '000000000000', zoneId: 'Z0EXAMPLE' };

/** Templates to deploy with the rights that `convoke policy` prints, and those rights. */
const entry = (deployment: Deployment) => ({
  ...templates(deployment),
  name: deployment.name,
  region: deployment.region,
  deployer: deployerPolicies(deployment, WHERE),
  boundary: boundaryDocument(deployment, WHERE.account),
});

/**
 * Runs the emulator's Python tests, all or those of a module, with the templates of some deployments. Returns their result and
 * output.
 */
export async function runPythonTests(
  deployments: readonly Deployment[],
  ...modules: string[]
): Promise<{ passed: boolean; said: string }> {
  const cache = join(process.env.CONVOKE_HOME ?? join(homedir(), '.convoke'), 'cache');
  await installEmulator(cache);
  const folder = mkdtempSync(join(tmpdir(), 'convoke-emulator-'));
  try {
    const file = join(folder, 'templates.json');
    writeFileSync(file, JSON.stringify(deployments.map(entry)));
    const { exitCode, all } = await execa(emulatorPython(cache), ['-m', 'unittest', ...modules], {
      cwd: 'test/emulated/emulator',
      // Functions that a test deployed are unpacked there.
      env: { CONVOKE_TEMPLATES: file, PYTHONDONTWRITEBYTECODE: '1', TMPDIR: folder },
      reject: false,
      all: true,
    });
    return { passed: exitCode === 0, said: all };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
