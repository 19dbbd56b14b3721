import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { proofsName } from '../contract/names.js';
import type { Account } from './account.js';
import { findCertificate, type Proof, proofsOf, taggedCertificates } from './certificates.js';
import { client, ifThere } from './clients.js';

const Remembered = z.array(z.object({ name: z.string(), value: z.string(), proves: z.string() }));

interface Own {
  readonly deployment: string;
  readonly domain: string;
}

/** The deployment's certificates, and the validation records of these and of already deleted ones. */
export async function ownProofs(
  account: Account,
  own: Own,
): Promise<{ readonly certificates: readonly string[]; readonly proofs: readonly Proof[] }> {
  const certificates = await taggedCertificates(account, own);
  const details = await Promise.all(certificates.map((arn) => findCertificate(account, arn)));
  const proofs = [...(await remembered(account, own.deployment)), ...details.flatMap(proofsOf)];
  return { certificates, proofs: [...new Map(proofs.map((proof) => [proof.name, proof])).values()] };
}

/**
 * Saves the validation records of the deployment's certificate, before it is deleted or replaced: all of them, if one is
 * for a name that the deployment no longer needs. Default: it needs none.
 */
export async function rememberProofs(
  account: Account,
  own: Own,
  isNeeded: (name: string) => boolean = () => false,
): Promise<void> {
  const { certificates, proofs } = await ownProofs(account, own);
  if (certificates.length === 0 || proofs.every(({ proves }) => isNeeded(proves))) return;
  await client(account, SSMClient).send(
    new PutParameterCommand({
      Name: proofsName(own.deployment),
      Type: 'String',
      Value: JSON.stringify(proofs),
      Overwrite: true,
    }),
  );
}

export async function forgetProofs(account: Account, deployment: string): Promise<void> {
  await ifThere(
    client(account, SSMClient).send(new DeleteParameterCommand({ Name: proofsName(deployment) })),
  );
}

async function remembered(account: Account, deployment: string): Promise<Proof[]> {
  const answer = await ifThere(
    client(account, SSMClient).send(new GetParameterCommand({ Name: proofsName(deployment) })),
  );
  return answer?.Parameter?.Value ? Remembered.parse(JSON.parse(answer.Parameter.Value)) : [];
}
