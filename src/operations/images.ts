import type { Stack } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Account } from '../cloud/account.js';
import { client, ifThere } from '../cloud/clients.js';
import type { Architecture } from '../config/deployment.js';
import { debianParameter } from '../contract/published-names.js';
import { IMAGE_PARAMETER } from '../contract/template.js';

/** The image that Debian's parameter points at; undefined if the region has no such parameter. */
export async function newestImage(account: Account, architecture: Architecture): Promise<string | undefined> {
  const answer = await ifThere(
    client(account, SSMClient).send(new GetParameterCommand({ Name: debianParameter(architecture) })),
  );
  return answer?.Parameter?.Value;
}

/** What `up` would do about the image of machines. */
export interface ImageChange {
  /** Image of the machines that the deployed launch templates start. */
  readonly deployed: string;
  /** Image that they start after `up`. Running machines keep theirs. */
  readonly wanted: string;
}

/**
 * The change if Debian has published another image since the last `up`; undefined if not, or if it is not known. The
 * template is the same, because it names the parameter and not the image; CloudFormation stores the resolved value.
 */
export function imageChange(
  deployed: Pick<Stack, 'Parameters'> | undefined,
  newest: string | undefined,
): ImageChange | undefined {
  // Machines start from an image of their own.
  if (
    deployed?.Parameters?.some(
      ({ ParameterKey, ParameterValue }) => ParameterKey === IMAGE_PARAMETER && ParameterValue,
    )
  )
    return undefined;
  const image = deployed?.Parameters?.find(
    ({ ParameterValue }) => ParameterValue?.startsWith(debianParameter('*').replace('*', '')) === true,
  )?.ResolvedValue;
  if (!image || !newest || image === newest) return undefined;
  return { deployed: image, wanted: newest };
}
