import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeInstancesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import waitFor from 'p-wait-for';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { consoleOutput } from '../../src/cloud/console.js';
import { parseDeployment } from '../../src/config/load.js';
import { status } from '../../src/operations/status.js';
import { up } from '../../src/operations/up.js';
import { EmulatedAccount } from './control-plane/account.js';

const deployment = parseDeployment(
  'domain: conference.example.org\nregion: eu-central-1\nalerts: ops@example.org\n',
  'a file of the test',
);
const SENTENCE =
  "The package lists of https://download.jitsi.org have no valid signature of the source's key. EXPKEYSIG 2DC1389A86F8C6DE";

let emulated: EmulatedAccount;
beforeAll(async () => {
  emulated = await EmulatedAccount.start({ boot: 5 });
  await emulated.makeZone();
}, 300_000);
afterAll(() => emulated?.stop());

function writeConsole(id: string | undefined, text: string): void {
  const consoles = join(emulated.run, 'consoles');
  mkdirSync(consoles, { recursive: true });
  writeFileSync(join(consoles, `${id}.log`), text);
}

it('up ends as soon as a machine’s console says that provisioning stopped, and quotes why, as status does', async () => {
  const deployed = up({
    account: emulated.account(),
    deployment,
    join: false,
    onProgress: () => {},
  });
  const outcome = deployed.then(
    () => 'up',
    (error: unknown) => error,
  );
  const { ec2 } = emulated.clients();
  let id: string | undefined;
  await waitFor(
    async () => {
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
      id = Reservations?.[0]?.Instances?.[0]?.InstanceId;
      return id !== undefined;
    },
    { interval: 200, timeout: 100_000 },
  );
  writeFileSync(join(emulated.run, 'faults.json'), JSON.stringify({ unhealthy: [id] }));
  writeConsole(id, `convoke: provisioning failed: ${SENTENCE}\n`);
  expect(await outcome).toMatchObject({
    name: 'ProvisioningFailed',
    message: `The shard a (${id}) could not be provisioned.`,
    why: SENTENCE,
  });
  const failures = [{ machine: `shard a (${id})`, why: SENTENCE }];
  expect(await status(emulated.account(), deployment)).toMatchObject({ failures });
});

it('reads the console of a type without the Nitro hypervisor, which has no latest output', async () => {
  const one = { ImageId: 'ami-0123456789abcdef0', MinCount: 1, MaxCount: 1 } as const;
  const { ec2 } = emulated.clients();
  const { Instances } = await ec2.send(new RunInstancesCommand({ ...one, InstanceType: 't2.medium' }));
  const id = Instances?.[0]?.InstanceId ?? '';
  writeConsole(id, 'the console');
  expect(await consoleOutput(emulated.account(), id)).toBe('the console');
});
