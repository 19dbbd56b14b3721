import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { z } from 'zod';
import type { Account } from './account.js';
import { findCertificate, type Proof, proofsOf, taggedCertificates } from './certificates.js';
import { client, ifThere } from './clients.js';

/**
 * Systems Manager parameter with the records that proved the deployment's certificate. Only a certificate tells which
 * records are its own; CloudFormation leaves them behind when it deletes it, and a deletion may be interrupted.
 */
export const proofsName = (deployment: string): string => `/convoke/${deployment}/proofs`;

const Remembered = z.array(z.object({ name: z.string(), value: z.string(), proves: z.string() }));

interface Own {
  readonly deployment: string;
  readonly domain: string;
}

/** The certificates that were made for the deployment, and the records that prove them, or proved those deleted since. */
export async function ownProofs(
  account: Account,
  own: Own,
): Promise<{ readonly certificates: readonly string[]; readonly proofs: readonly Proof[] }> {
  const certificates = await taggedCertificates(account, own);
  const details = await Promise.all(certificates.map((arn) => findCertificate(account, arn)));
  const proofs = [...(await remembered(account, own.deployment)), ...details.flatMap(proofsOf)];
  return { certificates, proofs: [...new Map(proofs.map((proof) => [proof.name, proof])).values()] };
}

/** Writes the records down that prove the deployment's certificate, for when it is gone. To be done before it is deleted. */
export async function rememberProofs(account: Account, own: Own): Promise<void> {
  const { certificates, proofs } = await ownProofs(account, own);
  if (certificates.length === 0 || proofs.length === 0) return;
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
