import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aws_iam as iam, aws_s3_assets as s3assets } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Logo, PackageSource } from '../config/deployment.js';
import type { MachineSpec, ShardSpec } from '../contract/machine-spec.js';
import type { Release } from '../contract/release.js';
import type { BundleFile } from '../node/user-data.js';

/** Folder that `npm run build` makes, with what runs on machines. Beside compiled code, in `dist` seen from source. */
export const NODE_BUNDLE_FOLDER = ['../node-bundle', '../../dist/node-bundle']
  .map((folder) => fileURLToPath(new URL(folder, import.meta.url)))
  .reduce((beside, built) => (existsSync(beside) ? beside : built));

/** What every machine runs. */
export const NODE_BUNDLE = join(NODE_BUNDLE_FOLDER, 'convoke-node.mjs');
/** What a Videobridge is warmed up with: WebRTC, nearly as large as all the rest, and of no use without a bridge. */
export const WARM_UP_BUNDLE = join(NODE_BUNDLE_FOLDER, 'convoke-warm-up.mjs');

export interface NodeAssetsProps {
  readonly packages: PackageSource;
  readonly release?: Release | undefined;
  readonly logo?: Logo | undefined;
}

/** The files that machines fetch from the assets bucket at launch: the node bundle, packages given as a folder, and a logo. */
export class NodeAssets extends Construct {
  /** The package source in the machine specification. */
  readonly packages: MachineSpec['packages'];
  /** Which node bundle machines get: the first 12 digits of its SHA-256. */
  readonly bundle: string;
  /** The logo in the machine specification. */
  readonly logo: ShardSpec['logo'];
  /** The files for every machine, and those for machines with a bridge. */
  private readonly files: { readonly all: s3assets.Asset[]; readonly bridge: s3assets.Asset[] } = {
    all: [],
    bridge: [],
  };
  /** The release in the machine specification. */
  readonly release: Release | undefined;
  /** Keys of files that an earlier deployment uploaded. */
  private readonly earlier: string[] = [];
  private readonly bundleFiles: { readonly all: BundleFile; readonly bridge: BundleFile };

  constructor(scope: Construct, id: string, props: NodeAssetsProps) {
    super(scope, id);
    this.bundleFiles = {
      all: this.bundleFile('Bundle', NODE_BUNDLE),
      bridge: this.bundleFile('WarmUp', WARM_UP_BUNDLE, this.files.bridge),
    };
    this.bundle = this.bundleFiles.all.sha256.slice(0, 12);
    this.release = props.release;
    this.packages = this.packagesOnMachine(props.packages);
    this.logo = props.logo && this.logoOnMachine(props.logo);
  }

  /** Location of the bundle for user data, and its SHA-256. */
  bundleFor(spec: Roles): BundleFile[] {
    return hasBridge(spec) ? [this.bundleFiles.all, this.bundleFiles.bridge] : [this.bundleFiles.all];
  }

  /** Lets the role of such machines fetch their files. `Asset.grantRead` would open, and list, the whole bucket. */
  grantRead(role: iam.IRole, spec: Roles): void {
    const files = [...this.files.all, ...(hasBridge(spec) ? this.files.bridge : [])];
    role.addToPrincipalPolicy(
      new iam.PolicyStatement({
        sid: 'FetchOwnFiles',
        actions: ['s3:GetObject'],
        resources: [
          ...files.map((file) => file.bucket.arnForObjects(file.s3ObjectKey)),
          ...this.earlier.flatMap((key) => this.files.all[0]?.bucket.arnForObjects(key) ?? []),
        ],
      }),
    );
  }

  private bundleFile(id: string, path: string, files = this.files.all): BundleFile {
    if (!existsSync(path)) {
      throw new Error(`The node bundle is not built: ${path} does not exist. Run "npm run build".`);
    }
    const hash = sha256(readFileSync(path));
    const asset = this.asset(id, path, hash, files);
    return { name: basename(path), bucket: asset.s3BucketName, key: asset.s3ObjectKey, sha256: hash };
  }

  private packagesOnMachine(source: PackageSource): MachineSpec['packages'] {
    switch (source.kind) {
      case 'official':
      case 'apt':
        return source;
      case 'directory': {
        // A deployment keeps its release when the folder has another: the archive is in the bucket since its upload.
        const key = this.release?.archive;
        if (key !== undefined && key !== archiveKey(source.path)) {
          this.earlier.push(key);
          return { kind: 'archive', bucket: this.bundleFiles.all.bucket, key };
        }
        const archive = this.asset('Packages', source.path, folderHash(source.path));
        return { kind: 'archive', bucket: archive.s3BucketName, key: archive.s3ObjectKey };
      }
    }
  }

  private logoOnMachine({ path, type }: Logo): ShardSpec['logo'] {
    const logo = this.asset('Logo', path, sha256(readFileSync(path)));
    return { bucket: logo.s3BucketName, key: logo.s3ObjectKey, type };
  }

  /** With an own hash: CDK's keeps a cache in the user's home that nothing removes. */
  private asset(id: string, path: string, assetHash: string, files = this.files.all): s3assets.Asset {
    const asset = new s3assets.Asset(this, id, { path, assetHash });
    files.push(asset);
    return asset;
  }
}

/** Which daemons a machine runs. */
type Roles = Pick<ShardSpec, 'role' | 'colocatedBridge'> | { readonly role: 'bridge' };

const hasBridge = (spec: Roles): boolean => spec.role === 'bridge' || spec.colocatedBridge;

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Key under which the archive of a folder's packages is uploaded: CDK hashes a given hash once more. */
export const archiveKey = (folder: string): string => `${sha256(folderHash(folder))}.zip`;

/** A hash that changes when a package is added, removed or changed. */
const folderHash = (folder: string): string =>
  sha256(
    readdirSync(folder)
      .sort()
      .map((name) => `${name} ${sha256(readFileSync(join(folder, name)))}`)
      .join('\n'),
  );
