import { describe, expect, it } from 'vitest';
import type { Diagnostics } from '../../contract/log-lines.js';
import { JournalEntry, Selection } from './journal-entry.js';

const entry = (unit: string, MESSAGE: string, more: object = {}) =>
  JournalEntry.parse({
    __CURSOR: 's=1',
    __REALTIME_TIMESTAMP: '1',
    PRIORITY: '6',
    _SYSTEMD_UNIT: unit,
    MESSAGE,
    ...more,
  });

const sent = (unit: string, text: string, diagnostics: Diagnostics = 'redacted', more: object = {}) =>
  new Selection(diagnostics).line(entry(unit, text, more))?.clean();

const JICOFO = 'Jicofo 2026-12-02 10:57:11.104';
const JVB = 'JVB 2026-12-02 10:57:11.104';

describe('a line of a daemon has the level that it names', () => {
  it.each([
    ['jicofo.service', `${JICOFO} SEVERE: [1] a`, 3],
    ['jicofo.service', `${JICOFO} WARNING: [1] a`, 4],
    ['jitsi-videobridge2.service', `${JVB} WARNING: [1] a`, 4],
    ['prosody.service', 'Dec 02 10:57:11 general\twarn\ta', 4],
    ['prosody.service', 'c2s5581\terror\ta', 3],
    ['nginx.service', '2026/12/02 10:57:11 [crit] 1#1: a', 2],
    ['haproxy.service', '[ALERT]    (12) : a', 1],
    ['haproxy.service', 'Server shards/b is DOWN, reason: timeout', 4],
    ['coturn.service', '0: (12): ERROR: a', 3],
    ['coturn.service', '138: : ERROR: check_stun_auth: Cannot find credentials of user <unnamed>', 3],
  ])('%s: %s', (unit, text, level) => {
    expect(sent(unit, text)?.level).toBe(level);
  });
});

describe('without "full"', () => {
  it.each([
    ['jicofo.service', `${JICOFO} INFO: [1] a`],
    ['jitsi-videobridge2.service', `${JVB} INFO: [1] a`],
    ['prosody.service', 'c2s5581\tinfo\tClient connected'],
    ['coturn.service', '0: (12): INFO: a'],
    ['ssh.service', 'Accepted publickey for admin from 203.0.113.7'],
    ['convoke-agent.service', ''],
    ['cloud-init-main.service', 'ci-info: | ssh-ed25519 | aa:bb | - | ada@laptop |'],
  ])('%s does not send: %s', (unit, text) => {
    expect(sent(unit, text)).toBeUndefined();
  });

  it.each([
    ['convoke-agent.service', 'monitoring shard a', 'agent'],
    ['cloud-final.service', 'convoke: provisioning shard a', 'provisioning'],
    ['cloud-init-main.service', 'convoke: provisioned in 20 s', 'provisioning'],
    ['haproxy.service', 'Server shards/b is UP', 'haproxy'],
  ])('%s sends: %s', (unit, text, daemon) => {
    expect(sent(unit, text)).toEqual({ daemon, level: 6, text });
  });

  it('a stack trace is sent with the error that it belongs to', () => {
    const selection = new Selection('redacted');
    const lines = [
      `${JICOFO} INFO: [1] fine`,
      '\tat org.jitsi.Fine',
      `${JICOFO} SEVERE: [1] broken`,
      'java.lang.NullPointerException: x',
      '\tat org.jitsi.Broken',
      `${JICOFO} INFO: [1] fine again`,
    ].flatMap((text) => selection.line(entry('jicofo.service', text))?.clean() ?? []);
    expect(lines.map(({ level }) => level)).toEqual([3, 3, 3]);
  });

  it('names of rooms are removed', () => {
    const line = sent(
      'jicofo.service',
      `${JICOFO} WARNING: [1] [room=standup@conference.meet.example.org] standup`,
    );
    expect(line?.text).not.toContain('standup');
  });
});

it('with "full", lines of information are sent with names, and without tokens', () => {
  const line = sent('prosody.service', 'muc\tinfo\tstandup@conference.x.org token=abcdef', 'full');
  expect(line?.text).toBe('muc\tinfo\tstandup@conference.x.org token=<token>');
  expect(sent('prosody.service', 'muc\tdebug\tx', 'full')).toBeUndefined();
});

it('systemd’s lines about the daemons are sent, and the kernel’s errors', () => {
  const failed = { _PID: '1', PRIORITY: '4', UNIT: 'jicofo.service' };
  expect(sent('init.scope', 'Failed with result', 'redacted', failed)?.daemon).toBe('systemd');
  expect(sent('init.scope', 'x', 'redacted', { ...failed, UNIT: 'ssh.service' })).toBeUndefined();
  const kernel = { _TRANSPORT: 'kernel', _SYSTEMD_UNIT: undefined };
  expect(sent('', 'Out of memory: Killed process 1', 'redacted', { ...kernel, PRIORITY: '3' })?.daemon).toBe(
    'kernel',
  );
  expect(sent('', 'x', 'redacted', { ...kernel, PRIORITY: '5' })).toBeUndefined();
});

it('a message that is not UTF-8 is a list of bytes', () => {
  const bytes = JournalEntry.parse({ __CURSOR: 's', __REALTIME_TIMESTAMP: '1', MESSAGE: [104, 105, 255] });
  expect(bytes.MESSAGE).toBe('hi\uFFFD');
});
