import type { Account } from '../../cloud/account.js';
import type { Deployment } from '../../config/deployment.js';
import { newestImage } from '../images.js';
import { type Finding, finding, fine, wrong } from './finding.js';

/** Whether Debian publishes an image for the region. */
export function image(account: Account, { machines, region }: Deployment): Promise<Finding[]> {
  return finding(
    'image of Debian',
    () => newestImage(account, machines.architecture),
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
