// Started by bench/case-study.ts, as a process of its own like the command: up or down in the account at an endpoint.
import { systemClock } from '../../src/cloud/clock.js';
import { parseDeployment } from '../../src/config/load.js';
import { down } from '../../src/operations/down/down.js';
import { up } from '../../src/operations/up.js';

const [verb, endpoint = ''] = process.argv.slice(2);
const deployment = parseDeployment(
  'domain: meet.example.org\nregion: us-east-1\nalerts: one@example.org\nname: meet\n',
  'a file of the bench',
);
const account = {
  region: deployment.region,
  endpoint,
  clock: systemClock,
  credentials: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }),
};
const onProgress = () => {};
// Simulated machines hold no meeting to be joined.
if (verb === 'up') await up({ account, deployment, onProgress, join: false });
else await down({ account, deployment, onProgress });
