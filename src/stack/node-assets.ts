import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aws_iam as iam, aws_s3_assets as s3assets } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Logo, PackageSource } from '../config/deployment.js';
import type { MachineSpec, ShardSpec } from '../contract/machine-spec.js';

/** Built by `npm run build`: everything that runs on a machine, in one file. Beside compiled code, in `dist` seen from source. */
export const NODE_BUNDLE = ['../node-bundle', '../../dist/node-bundle']
  .map((folder) => fileURLToPath(new URL(`${folder}/convoke-node.mjs`, import.meta.url)))
  .reduce((beside, built) => (existsSync(beside) ? beside : built));

export interface NodeAssetsProps {
  readonly packages: PackageSource;
  readonly logo?: Logo | undefined;
}

/** The files that machines fetch from the assets bucket at launch: the node bundle, packages given as a folder, and a logo. */
export class NodeAssets extends Construct {
  /** Where user data finds the bundle, and what it must hash to. */
  readonly bundle: { readonly bucket: string; readonly key: string; readonly sha256: string };
  /** The package source as a machine sees it. */
  readonly packages: MachineSpec['packages'];
  /** The logo as a machine sees it. */
  readonly logo: ShardSpec['logo'];
  private readonly files: s3assets.Asset[] = [];

  constructor(scope: Construct, id: string, props: NodeAssetsProps) {
    super(scope, id);
    if (!existsSync(NODE_BUNDLE)) {
      throw new Error(`The node bundle is not built: ${NODE_BUNDLE} does not exist. Run "npm run build".`);
    }
    const bundle = this.asset('Bundle', NODE_BUNDLE, sha256(readFileSync(NODE_BUNDLE)));
    this.bundle = {
      bucket: bundle.s3BucketName,
      key: bundle.s3ObjectKey,
      sha256: sha256(readFileSync(NODE_BUNDLE)),
    };
    this.packages = this.packagesOnMachine(props.packages);
    this.logo = props.logo && this.logoOnMachine(props.logo);
  }

  /** Lets a role fetch these files. `Asset.grantRead` would open, and list, the whole bucket. */
  grantRead(role: iam.IRole): void {
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        sid: 'FetchOwnFiles',
        actions: ['s3:GetObject'],
        resources: this.files.map((file) => file.bucket.arnForObjects(file.s3ObjectKey)),
      }),
    );
  }

  private packagesOnMachine(source: PackageSource): MachineSpec['packages'] {
    switch (source.kind) {
      case 'official':
      case 'apt':
        return source;
      case 'directory': {
        const archive = this.asset('Packages', source.path, folderHash(source.path));
        return { kind: 'archive', bucket: archive.s3BucketName, key: archive.s3ObjectKey };
      }
    }
  }

  private logoOnMachine({ path, type }: Logo): ShardSpec['logo'] {
    const logo = this.asset('Logo', path, sha256(readFileSync(path)));
    return { bucket: logo.s3BucketName, key: logo.s3ObjectKey, type };
  }

  /** With a hash of our own: CDK's keeps a cache in the person's home, which nobody would ever remove. */
  private asset(id: string, path: string, assetHash: string): s3assets.Asset {
    const asset = new s3assets.Asset(this, id, { path, assetHash });
    this.files.push(asset);
    return asset;
  }
}

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Changes when a package comes, goes or changes. */
const folderHash = (folder: string): string =>
  sha256(
    readdirSync(folder)
      .sort()
      .map((name) => `${name} ${sha256(readFileSync(join(folder, name)))}`)
      .join('\n'),
  );
