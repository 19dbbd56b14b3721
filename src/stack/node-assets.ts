import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { aws_iam as iam, aws_s3_assets as s3assets } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Logo, PackageSource } from '../config/deployment.js';
import { hasBridge, type MachineSpec, type ShardSpec } from '../contract/machine-spec.js';
import type { Release } from '../contract/release.js';
import type { BundleFile } from '../node/user-data.js';
import {
  archiveKey,
  folderHash,
  NODE_BUNDLE,
  RECORDING_BUNDLE,
  sha256,
  WARM_UP_BUNDLE,
} from './node-files.js';

export interface NodeAssetsProps {
  readonly packages: PackageSource;
  readonly release?: Release | undefined;
  readonly logo?: Logo | undefined;
  /** Whether there are recorders. */
  readonly recording?: boolean;
}

/** The files that machines fetch from the assets bucket at launch: the node bundle, packages given as a folder, and a logo. */
export class NodeAssets extends Construct {
  /** The package source in the machine specification. */
  readonly packages: MachineSpec['packages'];
  /** Which node bundle machines get: the first 12 digits of its SHA-256. */
  readonly bundle: string;
  /** The logo in the machine specification. */
  readonly logo: ShardSpec['logo'];
  /** The files for every machine, those for machines with a bridge, and those for recorders. */
  private readonly files: Readonly<Record<'all' | 'bridge' | 'recorder', s3assets.Asset[]>> = {
    all: [],
    bridge: [],
    recorder: [],
  };
  /** The release in the machine specification. */
  readonly release: Release | undefined;
  /** Keys of files that an earlier deployment uploaded. */
  private readonly earlier: string[] = [];
  private readonly bundleFiles: {
    readonly all: BundleFile;
    readonly bridge: BundleFile;
    readonly recorder?: BundleFile;
  };

  constructor(scope: Construct, id: string, props: NodeAssetsProps) {
    super(scope, id);
    this.bundleFiles = {
      all: this.bundleFile('Bundle', NODE_BUNDLE),
      bridge: this.bundleFile('WarmUp', WARM_UP_BUNDLE, this.files.bridge),
      ...(props.recording && {
        recorder: this.bundleFile('Recording', RECORDING_BUNDLE, this.files.recorder),
      }),
    };
    this.bundle = this.bundleFiles.all.sha256.slice(0, 12);
    this.release = props.release;
    this.packages = this.packagesOnMachine(props.packages);
    this.logo = props.logo && this.logoOnMachine(props.logo);
  }

  /** Location of the bundle for user data, and its SHA-256. */
  bundleFor(spec: Roles): BundleFile[] {
    const { all, bridge, recorder } = this.bundleFiles;
    return [
      all,
      ...(hasBridge(spec) ? [bridge] : []),
      ...(spec.role === 'recorder' && recorder ? [recorder] : []),
    ];
  }

  /** Lets the role of such machines fetch their files. `Asset.grantRead` would open, and list, the whole bucket. */
  grantRead(role: iam.IRole, spec: Roles): void {
    const files = [
      ...this.files.all,
      ...(hasBridge(spec) ? this.files.bridge : []),
      ...(spec.role === 'recorder' ? this.files.recorder : []),
    ];
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
type Roles = Parameters<typeof hasBridge>[0];
