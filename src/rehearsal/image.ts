import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { ConvokeError } from '../contract/errors.js';
import { NODE_BUNDLE } from '../stack/node-files.js';
import type { Authority } from './certificate-authority.js';
import type { Prepared } from './daemon-protocol.js';
import type { Resources } from './paths.js';
import { Podman, withImageLock } from './podman.js';

/**
 * Packages of Debian's official EC2 image that a minimal Debian does not have, from the configuration that builds it
 * (https://salsa.debian.org/cloud-team/debian-cloud-images, `config_space/13/package_config`). Without the kernel, the boot
 * loader and tools for disks, which a container does not have, and without `awscli` and `ssh-import-id`, which are large
 * and which no machine uses.
 */
const LIKE_EC2 = [
  // Class SYSTEM_BOOT, with the time service of class TIME_SYSTEMD.
  ...['sudo', 'libpam-systemd', 'systemd-resolved', 'libnss-resolve', 'libnss-myhostname', 'netplan.io'],
  ...['polkitd', 'unattended-upgrades', 'apparmor', 'apt-utils', 'init', 'iptables', 'iputils-ping'],
  ...['linux-sysctl-defaults', 'less', 'nano', 'netbase', 'vim-tiny', 'whiptail', 'systemd-timesyncd'],
  // Class CLOUD.
  'openssh-server',
  // Class EC2.
  ...['cloud-init', 'cloud-guest-utils', 'amazon-ec2-utils'],
];
const RELEASE = 'trixie';

export interface ImageOptions {
  readonly resources: Resources;
  readonly authority: Authority;
  /** `http://…` of an apt proxy on this machine's loopback. */
  readonly proxy: string;
}

/** Creates an image like Debian 13 on EC2 from this machine's own mirror. Returns the image's name. */
export async function debianImage({ resources, authority, proxy }: ImageOptions): Promise<string> {
  const own = ownAuthorities();
  const key = digest(RELEASE, ...LIKE_EC2, authority.pem, ...own.map((path) => readFileSync(path, 'utf8')));
  const name = `localhost/convoke/debian:${key}`;
  await createOnce(resources, name, async (podman, scratch) => {
    const mirror = await debianMirror();
    const tar = join(scratch, 'debian.tar');
    const certificates = join(scratch, 'certificates');
    mkdirSync(certificates);
    copyFileSync(authority.file, join(certificates, 'convoke-rehearsal.crt'));
    for (const path of own) copyFileSync(path, join(certificates, `host-${digest(path)}.crt`));
    await execa(
      'mmdebstrap',
      [
        '--quiet',
        '--variant=minbase',
        `--include=${LIKE_EC2.join(',')}`,
        `--aptopt=Acquire::http::Proxy "${proxy}"`,
        `--customize-hook=copy-in ${readdirSync(certificates)
          .map((file) => join(certificates, file))
          .join(' ')} /usr/local/share/ca-certificates/`,
        '--customize-hook=chroot "$1" update-ca-certificates --fresh',
        // Debian's Node.js has its own list of authorities and needs the machine's configured.
        '--customize-hook=mkdir -p "$1"/etc/systemd/system.conf.d && printf "[Manager]\\nDefaultEnvironment=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt\\n" >"$1"/etc/systemd/system.conf.d/authorities.conf',
        // As in Debian's image, where systemd resolves names. mmdebstrap leaves this machine's file.
        '--customize-hook=ln -sf ../run/systemd/resolve/stub-resolv.conf "$1"/etc/resolv.conf',
        // A machine's network exists before it boots.
        '--customize-hook=chroot "$1" systemctl mask systemd-networkd-wait-online.service',
        '--customize-hook=rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/machine-id',
        '--customize-hook=: >"$1"/etc/machine-id',
        RELEASE,
        tar,
        `deb ${mirror.main} ${RELEASE} main`,
        `deb ${mirror.main} ${RELEASE}-updates main`,
        `deb ${mirror.security} ${RELEASE}-security main`,
      ],
      { env: { TMPDIR: scratch } },
    );
    await podman.run('import', '--quiet', '--change', 'STOPSIGNAL=SIGRTMIN+3', tar, name);
  }).catch((cause: unknown) => {
    throw new ConvokeError('ImageNotMade', {
      what: 'The image of Debian 13 for the machines could not be created.',
      why: cause instanceof Error ? cause.message.split('\n').slice(-3).join(' ') : String(cause),
      now: 'Check that the Debian mirror of this machine can be reached and that the disk has 3 GB free, then run the same command again.',
      cause,
    });
  });
  return name;
}

const SCRATCH = 'image-';

/** Creates an image in the cache, in a scratch folder, unless it exists or another rehearsal creates it meanwhile. */
async function createOnce(
  resources: Resources,
  name: string,
  create: (podman: Podman, scratch: string) => Promise<void>,
): Promise<void> {
  if (await Podman.ofMachines(resources).hasImage(name)) return;
  await withImageLock(resources, async () => {
    const podman = Podman.ofImages(resources);
    if (await podman.hasImage(name)) return;
    // What a killed rehearsal left: with the lock, nothing else has a scratch folder.
    for (const left of readdirSync(resources.cache).filter((file) => file.startsWith(SCRATCH)))
      rmSync(join(resources.cache, left), { recursive: true, force: true });
    const scratch = mkdtempSync(join(resources.cache, SCRATCH));
    try {
      await create(podman, scratch);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}

/**
 * Creates the Debian image with all packages, installed by the node bundle's `prepare`: machines started from it only
 * need configuration. Returns the image's name.
 */
export async function preparedImage(options: ImageOptions & Prepared & { base: string }): Promise<string> {
  const { resources, base, packages, recorder } = options;
  const debs = readdirSync(packages)
    .filter((file) => file.endsWith('.deb'))
    .sort();
  const contents = debs.map(
    (file) =>
      `${file} ${createHash('sha256')
        .update(readFileSync(join(packages, file)))
        .digest('hex')}`,
  );
  const name = `localhost/convoke/prepared:${digest(base, readFileSync(NODE_BUNDLE, 'utf8'), String(recorder), ...contents)}`;
  const prepare = async (podman: Podman, scratch: string) => {
    const container = `convoke-prepare-${digest(scratch)}`;
    cpSync(packages, join(scratch, 'packages'), { recursive: true });
    copyFileSync(NODE_BUNDLE, join(scratch, 'convoke-node.mjs'));
    writeFileSync(join(scratch, 'proxy'), `Acquire::http::Proxy "${options.proxy}";\n`);
    try {
      await podman.run(
        'run',
        '--name',
        container,
        '--network',
        'host',
        // Shared memory of its own would be a mount in the cache, which a killed preparation would leave there.
        '--ipc',
        'host',
        '--volume',
        `${scratch}:/convoke:ro`,
        '--volume',
        `${join(scratch, 'proxy')}:/etc/apt/apt.conf.d/95place:ro`,
        '--entrypoint',
        '/bin/sh',
        base,
        '-euc',
        `export DEBIAN_FRONTEND=noninteractive; apt-get -qq update; apt-get -qq -y install --no-install-recommends nodejs curl ca-certificates >/dev/null; exec node /convoke/convoke-node.mjs prepare --packages /convoke/packages${recorder ? ' --recorder' : ''}`,
      );
      await podman.run(
        'commit',
        '--quiet',
        '--change',
        'ENTRYPOINT=[]',
        '--change',
        'STOPSIGNAL=SIGRTMIN+3',
        container,
        name,
      );
    } finally {
      await podman.run('rm', '--force', '--time', '0', '--ignore', container).catch(() => {});
    }
    await forgetOlder(podman);
  };
  await createOnce(resources, name, prepare).catch((cause: unknown) => {
    throw new ConvokeError('ImageNotPrepared', {
      what: 'The packages could not be installed into the machines’ image.',
      why: cause instanceof Error ? cause.message.split('\n').slice(-4).join(' ') : String(cause),
      now: 'Check that the packages and the Debian mirror can be reached, then run the same command again.',
      cause,
    });
  });
  return name;
}

/** Number of prepared images that are kept, so that switching between package sets costs nothing. */
const KEPT = 3;

/** Each set of packages creates an image of some hundred megabytes; the oldest are removed. If that fails, the next one tries again. */
async function forgetOlder(podman: Podman): Promise<void> {
  const all = await podman.run('images', '--sort', 'created', '--format', '{{.Repository}}:{{.Tag}}');
  const prepared = all.split('\n').filter((name) => name.startsWith('localhost/convoke/prepared:'));
  for (const name of prepared.slice(KEPT)) await podman.run('rmi', '--force', name).catch(() => {});
  await podman.run('image', 'prune', '--force').catch(() => {});
}

const digest = (...parts: string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);

/**
 * Authorities that this machine trusts in addition to Debian's: if HTTPS is intercepted, the rehearsal's machines
 * have to trust them, too.
 */
function ownAuthorities(): string[] {
  const folder = '/usr/local/share/ca-certificates';
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.crt'))
        .map((file) => join(folder, file))
    : [];
}

/** The mirrors that this machine's apt uses for Debian, or Debian's own. */
async function debianMirror(): Promise<{ main: string; security: string }> {
  const { stdout } = await execa('apt-get', ['indextargets', '--format', '$(ORIGIN) $(LABEL) $(REPO_URI)'], {
    reject: false,
  });
  const rows = stdout.split('\n').map((line) => line.split(' '));
  const main =
    rows.find(([origin, label]) => origin === 'Debian' && label === 'Debian')?.[2] ??
    'http://deb.debian.org/debian';
  const security =
    rows.find(([, label]) => label === 'Debian-Security')?.[2] ??
    main.replace(/debian\/?$/, 'debian-security');
  return { main: main.replace(/\/$/, ''), security: security.replace(/\/$/, '') };
}
