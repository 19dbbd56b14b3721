import { expect, it } from 'vitest';
import type { MachineFile } from '../../src/node/render/file.js';
import { JOURNAL_MOST, journal } from '../../src/node/render/journal.js';
import { inDebian } from './debian-root.js';

/**
 * The journal's file with a twentieth of its sizes, so that the test writes less than a broken daemon would; and without
 * the kernel's audit log, which is this host's.
 */
const SCALE = 20;
const smaller = (file: MachineFile): MachineFile => ({
  ...file,
  text: `${file.text.replace(/^(SystemMax\w+=)(\d+)M$/gm, (_, key, size) => `${key}${Number(size) / SCALE}M`)}Audit=no\n`,
});

it('a daemon that floods the journal does not fill the disk, and is not blocked', async () => {
  const script = `
mkdir -p /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /var/log/journal /run/systemd/journal; touch /run/systemd/journal/flushed; systemd-machine-id-setup >/dev/null
SYSTEMD_LOG_TARGET=console /usr/lib/systemd/systemd-journald 2>/tmp/journald &
until [ -S /run/systemd/journal/stdout ]; do sleep 0.05; done
flood() { head -c $1 /dev/urandom | base64 -w 400 | systemd-cat -t flood; }
flood 50000000
journalctl --sync
echo "MiB $(du -sm /var/log/journal | cut -f1)"
echo last | systemd-cat -t flood; journalctl --sync
echo "newest: $(journalctl -q -t flood -n 1 -o cat)"
echo "complaints: $(grep -c 'journald.conf' /tmp/journald)"
cat /tmp/journald`;
  const { all } = await inDebian([smaller(journal())], script);
  const number = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(all)?.[1]);
  expect(all).toContain('newest: last');
  expect(all).toContain('complaints: 0');
  // At most the configured size, plus the active journal file.
  expect(number('MiB'), all).toBeGreaterThan(JOURNAL_MOST / SCALE / 2);
  expect(number('MiB'), all).toBeLessThanOrEqual((JOURNAL_MOST / SCALE) * 1.3);
});
