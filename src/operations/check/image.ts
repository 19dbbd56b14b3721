import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Account } from '../../cloud/account.js';
import { client, ifThere } from '../../cloud/clients.js';
import type { Architecture, Deployment } from '../../config/deployment.js';
import { debianParameter } from '../../stack/debian-image.js';
import { type Finding, finding, fine, wrong } from './finding.js';

/** The image id in Debian's public parameter; undefined if the region does not have it. */
async function imageId(account: Account, architecture: Architecture): Promise<string | undefined> {
  const answer = await ifThere(
    client(account, SSMClient).send(new GetParameterCommand({ Name: debianParameter(architecture) })),
  );
  return answer?.Parameter?.Value;
}

/** Whether Debian publishes an image for the region. */
export function image(account: Account, { machines, region }: Deployment): Promise<Finding[]> {
  return finding(
    'image of Debian',
    () => imageId(account, machines.architecture),
    (id) => [
      id
        ? fine('image of Debian', `${id}, ${machines.architecture}`)
        : wrong(
            'image of Debian',
            `Debian publishes no image for ${machines.architecture} in ${region}`,
            'Choose another region.',
          ),
    ],
  );
}
