import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  isSingleMachine,
  type MachineSpec,
  type RecorderSpec,
  type ShardSpec,
} from '../../contract/machine-spec.js';
import { discovery } from '../cluster-members/discover.js';
import { savedMembers } from '../cluster-members/saved.js';
import { type ClusterMembers, type Facts, readInstanceContext } from '../facts.js';
import { instanceCredentials, instanceMetadata } from '../metadata.js';
import { retry } from '../retry.js';
import { bridgePasswords, readSeed, recorderPasswords, shardPasswords } from '../secrets.js';
import type { Log } from './log.js';

/** Reads the facts of a machine that is being provisioned, from AWS. */
export async function discoverFacts(spec: MachineSpec, log: Log): Promise<Facts> {
  const instance = readInstanceContext(instanceMetadata());
  const client = new SecretsManagerClient({
    region: spec.region,
    credentials: instanceCredentials,
    maxAttempts: 8,
  });
  const [secrets, found] = await Promise.all([
    readPasswords(client, spec),
    instance.then(({ instanceId }) => listMembers(spec, instanceId, log)),
  ]);
  return factsOf(spec, await instance, secrets, found);
}

/** The same at boot, from saved data: only the metadata service is needed. */
export async function savedFacts(spec: MachineSpec, secrets: Facts['passwords'], log: Log): Promise<Facts> {
  const [instance, found] = await Promise.all([
    readInstanceContext(instanceMetadata()),
    savedMembersOrNone(spec, log),
  ]);
  return factsOf(spec, instance, secrets, found);
}

/** The same when other machines joined or left. Undefined if no list was saved; rejects if the list is invalid. */
export async function savedFactsOfMembers<Spec extends ShardSpec | RecorderSpec>(
  spec: Spec,
  secrets: Facts<Spec>['passwords'],
): Promise<Facts<Spec> | undefined> {
  const found = await savedMembers();
  return found && factsOf(spec, await readInstanceContext(instanceMetadata()), secrets, found);
}

/** A bridge's role may read only the bridges' secret, and a recorder's only the recorders'. */
async function readPasswords(client: SecretsManagerClient, spec: MachineSpec): Promise<Facts['passwords']> {
  if (spec.role === 'bridge') return bridgePasswords(await readSeed(client, spec.bridgeSecret));
  if (spec.role === 'recorder') return recorderPasswords(await readSeed(client, spec.recorderSecret));
  const [seed, bridgeSeed, recorderSeed] = await Promise.all([
    readSeed(client, spec.secret),
    readSeed(client, spec.bridgeSecret),
    spec.recording && readSeed(client, spec.recording.secret),
  ]);
  return shardPasswords(seed, bridgeSeed, recorderSeed);
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

/**
 * Lets the first configuration include the other machines. Without an answer the machine continues: its agent keeps
 * polling.
 */
async function listMembers(spec: MachineSpec, self: string, log: Log): Promise<ClusterMembers | undefined> {
  if (isSingleMachine(spec)) return undefined;
  try {
    // A new role, or a machine that EC2 does not report as running yet, takes some seconds to appear.
    const found = await retry(discovery(spec, self), { attempts: 4, firstWait: 1_000 });
    log(
      `other machines of the deployment: ${found.others.map(({ instanceId }) => instanceId).join(', ') || 'none'}`,
    );
    return found;
  } catch (error) {
    log(`other machines could not be listed in EC2: ${String(error)}`);
    return savedMembersOrNone(spec, log);
  }
}

async function savedMembersOrNone(spec: MachineSpec, log: Log): Promise<ClusterMembers | undefined> {
  if (isSingleMachine(spec)) return undefined;
  return savedMembers().catch((error: unknown) => {
    log(`the saved list of other machines is not usable: ${String(error)}`);
    return undefined;
  });
}
