import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESSES } from './addresses.js';

/** Files that all machines mount: configuration that EC2 would provide. The role of a machine is in its user data. */
export interface PlaceFiles {
  readonly cloudInit: string;
  readonly apt: string;
  /** EC2 announces its resolver by DHCP. */
  readonly resolved: string;
}

/** Writes them, only once: a machine that boots during a rewrite would find an empty file, and do nothing. */
export function writePlaceFiles(run: string): PlaceFiles {
  const cloudInit = join(run, 'cloud-init.cfg');
  const apt = join(run, 'apt.conf');
  const resolved = join(run, 'resolved.conf');
  writeFileSync(
    cloudInit,
    `datasource_list: [Ec2]
datasource: {Ec2: {strict_id: false, metadata_urls: ["http://${ADDRESSES.metadata}"], timeout: 5, max_wait: 20}}
network: {config: disabled}
locale: C.UTF-8
`,
  );
  writeFileSync(apt, `Acquire::http::Proxy "http://${ADDRESSES.apt}:3142";\n`);
  writeFileSync(resolved, `[Resolve]\nDNS=${ADDRESSES.resolver}\n`);
  return { cloudInit, apt, resolved };
}
