import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isSingleMachine, type MachineSpec, type ShardSpec } from '../../contract/machine-spec.js';
import { discovery } from '../cluster-members/discover.js';
import { savedMembers } from '../cluster-members/saved.js';
import { instanceCredentials } from '../credentials.js';
import { type ClusterMembers, type Facts, readInstanceContext, type ShardFacts } from '../facts.js';
import { instanceMetadata } from '../metadata.js';
import { retry } from '../retry.js';
import { bridgePasswords, readSeed, shardPasswords } from '../secrets.js';
import type { Log } from './console.js';

/** Facts of a machine that is being provisioned: from the account. */
export async function discoverFacts(spec: MachineSpec, say: Log): Promise<Facts> {
  const instance = readInstanceContext(instanceMetadata());
  const client = new SecretsManagerClient({
    region: spec.region,
    credentials: instanceCredentials,
    maxAttempts: 8,
  });
  const [secrets, found] = await Promise.all([
    readPasswords(client, spec),
    instance.then(({ instanceId }) => requestMembers(spec, instanceId, say)),
  ]);
  return factsOf(spec, await instance, secrets, found);
}

/** The same at boot: from what was saved, so that it needs nothing but the metadata service. */
export async function savedFacts(spec: MachineSpec, secrets: Facts['passwords'], say: Log): Promise<Facts> {
  const [instance, found] = await Promise.all([
    readInstanceContext(instanceMetadata()),
    recallMembers(spec, say),
  ]);
  return factsOf(spec, instance, secrets, found);
}

/** The same when others came or went. Undefined where nothing was saved; rejects where that cannot be used. */
export async function savedEdgeFacts(
  spec: ShardSpec,
  secrets: ShardFacts['passwords'],
): Promise<ShardFacts | undefined> {
  const found = await savedMembers();
  return found && factsOf(spec, await readInstanceContext(instanceMetadata()), secrets, found);
}

/** A bridge's role may read no secret but its own. */
async function readPasswords(client: SecretsManagerClient, spec: MachineSpec): Promise<Facts['passwords']> {
  if (spec.role === 'bridge') return bridgePasswords(await readSeed(client, spec.bridgeSecret));
  const [seed, bridgeSeed] = await Promise.all([
    readSeed(client, spec.secret),
    readSeed(client, spec.bridgeSecret),
  ]);
  return shardPasswords(seed, bridgeSeed);
}

function factsOf<Spec extends MachineSpec>(
  spec: Spec,
  instance: Facts['instance'],
  secrets: Facts<Spec>['passwords'],
  found: ClusterMembers | undefined,
): Facts<Spec> {
  return {
    spec,
    instance: { ...instance, ...(found && { launched: found.launched }) },
    passwords: secrets,
    members: found?.others ?? [],
  };
}

/** So that the first configuration knows who is there. Without an answer the machine goes on: its agent keeps asking. */
async function requestMembers(
  spec: MachineSpec,
  self: string,
  say: Log,
): Promise<ClusterMembers | undefined> {
  if (isSingleMachine(spec)) return undefined;
  try {
    // A role that was just made, or a machine that EC2 does not call running yet, takes some seconds to show.
    const found = await retry(discovery(spec, self), { attempts: 4, firstWait: 1_000 });
    say(`others of the deployment: ${found.others.map(({ instanceId }) => instanceId).join(', ') || 'none'}`);
    return found;
  } catch (error) {
    say(`EC2 did not tell who else there is: ${String(error)}`);
    return recallMembers(spec, say);
  }
}

async function recallMembers(spec: MachineSpec, say: Log): Promise<ClusterMembers | undefined> {
  if (isSingleMachine(spec)) return undefined;
  return savedMembers().catch((error: unknown) => {
    say(`the list of other machines cannot be used: ${String(error)}`);
    return undefined;
  });
}
