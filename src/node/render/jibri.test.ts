import { describe, expect, it } from 'vitest';
import { sampleMembers, sampleRecorder } from '../../../test/sample-facts.js';
import { daemons, render } from './index.js';
import { jibri, jibriLogging } from './jibri.js';

describe('a recorder', () => {
  it('logs in at every shard, and at nothing while there is none', () => {
    const { text } = jibri(sampleRecorder({ members: Object.values(sampleMembers) }));
    expect(text).toContain('xmpp-server-hosts = [ "10.20.0.11:5222", "10.20.1.12:5222" ]');
    expect(jibri(sampleRecorder()).text).toContain('environments = []');
  });

  it('keeps its passwords and its pass in a file that only Jibri can read', () => {
    const facts = sampleRecorder({ members: [sampleMembers.shardA] });
    const secret = Object.values(facts.passwords);
    const having = render(facts).filter(({ text }) => secret.some((one) => text.includes(one)));
    expect(having.map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
      ['/etc/jitsi/jibri/jibri.conf', 0o640, 'root:jibri'],
    ]);
  });

  it('logs nothing of classes that log the address of a stream', () => {
    expect(jibriLogging().text).toMatch(/^\.level = WARNING$/m);
    expect(jibriLogging().text).not.toMatch(/XmppApi|JibriSubprocess|StreamingJibriService/);
  });

  it('runs no daemon of a shard', () => {
    expect(daemons(sampleRecorder().spec)).toEqual([
      'convoke-metadata-access',
      'convoke-recorder-audio',
      'jibri-xorg',
      'jibri-icewm',
      'jibri',
      'convoke-agent',
    ]);
  });
});
