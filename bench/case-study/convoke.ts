// Started by bench/case-study.ts as a separate process, like the command: up or down in the account at an endpoint.
import { parseDeployment } from '../../src/config/load.js';
import { down } from '../../src/operations/down/down.js';
import { up } from '../../src/operations/up.js';
import { emulatedAccount } from '../../src/rehearsal/emulated-account.js';

const [verb, endpoint = ''] = process.argv.slice(2);
const deployment = parseDeployment(
  'domain: meet.example.org\nregion: us-east-1\nalerts: one@example.org\nname: meet\n',
  'a file of the bench',
);
const account = emulatedAccount({
  region: deployment.region,
  endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const onProgress = () => {};
// Simulated machines have no meetings to join.
if (verb === 'up') await up({ account, deployment, onProgress, join: false });
else await down({ account, deployment, onProgress });
