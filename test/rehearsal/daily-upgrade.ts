import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { ROLE_TAG } from '../../src/contract/tags.js';
import { paths, resourcesOf } from '../../src/rehearsal/paths.js';
import { Podman } from '../../src/rehearsal/podman.js';
import { AptRepository } from '../integration/apt-repository.js';
import { rehearsedAccount } from './rehearsed-account.js';

/** Greater than any version of Debian's. */
const NEWER = '99:1';
/** Installed by Debian's image, and of no importance to meetings. */
const OTHER = 'nano';
const TIMERS = ['apt-daily.timer', 'apt-daily-upgrade.timer'];

/** What the daily jobs of Debian's image did on a shard for which Debian offers security updates. */
export interface DailyUpgrade {
  /** State of each timer of these jobs. */
  readonly timers: Readonly<Record<string, string>>;
  /** Installed versions afterwards. */
  readonly versions: Readonly<Record<string, string>>;
  /** Units that run with another invocation than before. */
  readonly restarted: readonly string[];
}

/**
 * Offers a security update for each package, and for one that is not held, and runs the jobs of Debian's timers. As in
 * Debian's packages, the scripts of daemons restart them.
 */
export async function dailyUpgrade(held: readonly string[]): Promise<DailyUpgrade> {
  const filters = [
    { Name: 'instance-state-name', Values: ['running'] },
    { Name: `tag:${ROLE_TAG}`, Values: ['shard'] },
  ];
  const { Reservations = [] } = await new EC2Client(rehearsedAccount()).send(
    new DescribeInstancesCommand({ Filters: filters }),
  );
  const machine = Reservations.flatMap(({ Instances = [] }) => Instances)[0]?.InstanceId ?? '';
  const podman = Podman.ofMachines(resourcesOf(paths()));
  const run = (script: string) => podman.inside('exec', machine, 'bash', '-euc', script);
  const packages = [...held, OTHER].map((name) => ({
    name,
    depends: [],
    summary: 'nothing, for a test',
    files: [],
    ...(name !== OTHER && { postinst: `systemctl try-restart ${name} || true\n` }),
  }));
  const repository = await AptRepository.ofSecurityUpdates(packages, NEWER, 'trixie');
  try {
    await podman.inside('cp', repository.suite, `${machine}:/srv/stable`);
    // The test's repository takes the place of Debian's, so that nothing depends on a mirror.
    await run(`cat >/srv/key.asc <<'END'
${repository.key}
END
mkdir -p /srv/sources; find /etc/apt/sources.list /etc/apt/sources.list.d -type f -exec mv -t /srv/sources {} +
echo 'deb [signed-by=/srv/key.asc] file:/srv stable/' >/etc/apt/sources.list`);
    const before = await invocations(run);
    // Each timer starts the unit of its name.
    for (const timer of TIMERS) await run(`systemctl start ${timer.replace('.timer', '.service')}`);
    const after = await invocations(run);
    const [states = '', ...versions] = (
      await run(
        `systemctl is-active ${TIMERS.join(' ')} | paste -sd' '; dpkg-query -W -f '\${Package} \${Version}\\n' ${[...held, OTHER].join(' ')}`,
      )
    ).split('\n');
    return {
      timers: Object.fromEntries(TIMERS.map((timer, index) => [timer, states.split(' ')[index] ?? ''])),
      versions: Object.fromEntries(versions.map((line) => line.split(' ') as [string, string])),
      restarted: [...before].flatMap(([unit, id]) => (after.get(unit) === id ? [] : [unit])),
    };
  } finally {
    repository.remove();
  }
}

/** Ids of the current runs of all active services. */
async function invocations(run: (script: string) => Promise<string>): Promise<Map<string, string>> {
  const shown = await run(
    "systemctl show --property=Id,InvocationID $(systemctl list-units --type=service --state=running --plain --no-legend | cut -d' ' -f1)",
  );
  return new Map(
    shown.split('\n\n').map((block) => {
      const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? '';
      return [value('Id'), value('InvocationID')];
    }),
  );
}
