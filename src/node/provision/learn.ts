import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { instanceCredentials } from '../credentials.js';
import { type CellFacts, type Facts, type Neighbourhood, readSurroundings } from '../facts.js';
import { type CellSpec, type MachineSpec, standsAlone } from '../machine-spec.js';
import { instanceMetadata } from '../metadata.js';
import { discovery } from '../neighbours/discover.js';
import { savedNeighbours } from '../neighbours/saved.js';
import { retry } from '../retry.js';
import { bridgePasswords, cellPasswords, readSeed } from '../secrets.js';
import type { Say } from './console.js';

/** Facts of a machine that is being provisioned: from the account. */
export async function learn(spec: MachineSpec, say: Say): Promise<Facts> {
  const surroundings = readSurroundings(instanceMetadata());
  const client = new SecretsManagerClient({
    region: spec.region,
    credentials: instanceCredentials,
    maxAttempts: 8,
  });
  const [secrets, found] = await Promise.all([
    readPasswords(client, spec),
    surroundings.then(({ instanceId }) => askForNeighbours(spec, instanceId, say)),
  ]);
  return factsOf(spec, await surroundings, secrets, found);
}

/** The same at boot: from what was saved, so that it needs nothing but the metadata service. */
export async function recall(spec: MachineSpec, secrets: Facts['passwords'], say: Say): Promise<Facts> {
  const [surroundings, found] = await Promise.all([
    readSurroundings(instanceMetadata()),
    recallNeighbours(spec, say),
  ]);
  return factsOf(spec, surroundings, secrets, found);
}

/** The same when others came or went. Undefined where nothing was saved; rejects where that cannot be used. */
export async function recallEdge(
  spec: CellSpec,
  secrets: CellFacts['passwords'],
): Promise<CellFacts | undefined> {
  const found = await savedNeighbours();
  return found && factsOf(spec, await readSurroundings(instanceMetadata()), secrets, found);
}

/** A bridge's role may read no secret but its own. */
async function readPasswords(client: SecretsManagerClient, spec: MachineSpec): Promise<Facts['passwords']> {
  if (spec.role === 'bridge') return bridgePasswords(await readSeed(client, spec.bridgeSecret));
  const [seed, bridgeSeed] = await Promise.all([
    readSeed(client, spec.secret),
    readSeed(client, spec.bridgeSecret),
  ]);
  return cellPasswords(seed, bridgeSeed);
}

function factsOf<Spec extends MachineSpec>(
  spec: Spec,
  surroundings: Facts['surroundings'],
  secrets: Facts<Spec>['passwords'],
  found: Neighbourhood | undefined,
): Facts<Spec> {
  return {
    spec,
    surroundings: { ...surroundings, ...(found && { launched: found.launched }) },
    passwords: secrets,
    neighbours: found?.others ?? [],
  };
}

/** So that the first configuration knows who is there. Without an answer the machine goes on: its agent keeps asking. */
async function askForNeighbours(
  spec: MachineSpec,
  self: string,
  say: Say,
): Promise<Neighbourhood | undefined> {
  if (standsAlone(spec)) return undefined;
  try {
    // A role that was just made, or a machine that EC2 does not call running yet, takes some seconds to show.
    const found = await retry(discovery(spec, self), { attempts: 4, firstWait: 1_000 });
    say(`others of the deployment: ${found.others.map(({ instanceId }) => instanceId).join(', ') || 'none'}`);
    return found;
  } catch (error) {
    say(`EC2 did not tell who else there is: ${String(error)}`);
    return recallNeighbours(spec, say);
  }
}

async function recallNeighbours(spec: MachineSpec, say: Say): Promise<Neighbourhood | undefined> {
  if (standsAlone(spec)) return undefined;
  return savedNeighbours().catch((error: unknown) => {
    say(`the list of other machines cannot be used: ${String(error)}`);
    return undefined;
  });
}
