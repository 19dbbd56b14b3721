import { expect, it } from 'vitest';
import { journal } from '../../src/node/render/journal.js';
import { bundled } from './bundle.js';
import { inDebian } from './debian-root.js';

/** Sends the journal's lines to standard output until there are three, from a cursor on. */
const SENDER = `
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { journalArguments } from './src/node/logs/ship-logs.js';
import { ship } from './src/node/logs/shipper.js';

const cursor = existsSync('/tmp/cursor') ? readFileSync('/tmp/cursor', 'utf8') : undefined;
const child = spawn('journalctl', journalArguments(cursor), { stdio: ['ignore', 'pipe', 'inherit'] });
setTimeout(() => child.kill(), 6_000);
await ship({
  lines: createInterface({ input: child.stdout }),
  diagnostics: 'redacted',
  send: async (events) => events.forEach(({ message }) => console.log('SENT', message)),
  save: async (text) => writeFileSync('/tmp/cursor', text),
  stop: new AbortController().signal,
});
`;

it('lines of the journal are sent once each, by the agent’s user, with the daemon that wrote them', async () => {
  const bundle = {
    path: '/opt/convoke/sender.mjs',
    mode: 0o644,
    owner: 'root:root',
    text: await bundled(SENDER),
    readBy: [],
  };
  const script = `
mkdir -p /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
# Otherwise journald reads this host's kernel messages, which may have warnings.
mkdir -p /run/systemd/journald.conf.d; printf '[Journal]\\nReadKMsg=no\\n' > /run/systemd/journald.conf.d/test.conf
mkdir -p /var/log/journal /run/systemd/journal; touch /run/systemd/journal/flushed; systemd-machine-id-setup >/dev/null
chgrp systemd-journal /var/log/journal; chmod 2755 /var/log/journal; chmod 1777 /tmp
SYSTEMD_LOG_TARGET=console /usr/lib/systemd/systemd-journald 2>/tmp/journald &
until [ -S /run/systemd/journal/stdout ]; do sleep 0.05; done
# journald finds a line's unit by the control group of the process, which therefore stays for a second.
as() { mkdir -p /sys/fs/cgroup/system.slice/$1; (echo $BASHPID > /sys/fs/cgroup/system.slice/$1/cgroup.procs; (cat; sleep 1) | systemd-cat); sleep 0.1; rmdir /sys/fs/cgroup/system.slice/$1; }
send() { setpriv --reuid convoke --regid convoke --groups systemd-journal node /opt/convoke/sender.mjs; }
echo 'Jicofo 2026-12-02 10:57:11.104 INFO: [1] not sent' | as jicofo.service
echo 'Jicofo 2026-12-02 10:57:11.104 WARNING: [1] [room=standup@conference.meet.example.org] first' | as jicofo.service
(head -c 6000 /dev/zero | tr '\\0' x; echo) | as convoke-agent.service
journalctl --sync; send; echo AGAIN
echo '<4>second' | as convoke-agent.service
journalctl --sync; send
cat /tmp/journald`;
  const { all } = await inDebian([journal(), bundle], script);
  const [first = '', again = ''] = all.split('AGAIN');
  const sent = (text: string) =>
    [...text.matchAll(/^SENT (.*)$/gm)].map(([, message = '']) => JSON.parse(message));
  expect(sent(first), all).toEqual([
    {
      daemon: 'jicofo',
      level: 4,
      text: expect.stringMatching(/^Jicofo .* WARNING: \[1\] \[room=<name>\] first$/),
    },
    { daemon: 'agent', level: 6, text: 'x'.repeat(6_000) },
  ]);
  expect(sent(again), all).toEqual([{ daemon: 'agent', level: 4, text: 'second' }]);
});
