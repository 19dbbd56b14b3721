import { expect, it } from 'vitest';
import { parseDeployment } from '../../src/config/load.js';
import { runPythonTests } from './emulator-python.js';

const FILES = [
  'domain: meet.example.org\nname: meet\nsize: team\naccess: members\nbudget: {monthly: 50}\n',
  'domain: conference.example.org\nsize: solo\n',
];

it('the emulator refuses what AWS refuses, and accepts convoke’s deployments', async () => {
  const deployments = FILES.map((text) =>
    parseDeployment(`${text}region: eu-central-1\nalerts: ops@example.org\n`, 'a file of the test'),
  );
  const { passed, said } = await runPythonTests(deployments);
  expect(passed, said).toBe(true);
}, 300_000);
