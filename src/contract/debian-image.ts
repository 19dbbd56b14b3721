/** The public parameter that Debian updates to its newest image (https://wiki.debian.org/Cloud/AmazonEC2Image). */
export const debianParameter = (architecture: 'arm64' | 'amd64' | '*'): string =>
  `/aws/service/debian/release/13/latest/${architecture}`;
