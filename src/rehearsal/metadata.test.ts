import { describe, expect, it } from 'vitest';
import { sampleState } from '../../test/sample-state.js';
import { answerMetadata, Tokens } from './metadata.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const desired = sampleState();
const MACHINE = '10.20.0.10';

function ask(path: string, headers: Record<string, string> = {}, source = MACHINE, tokens = new Tokens()) {
  return answerMetadata({ method: 'GET', path, headers, source }, desired, tokens, NOW);
}

function tokenFor(source: string, tokens: Tokens, ttl = '60') {
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': ttl };
  return answerMetadata({ method: 'PUT', path: '/latest/api/token', headers, source }, desired, tokens, NOW);
}

describe('the metadata service', () => {
  it('returns nothing to a machine without a token', () => {
    expect(ask('/latest/meta-data/instance-id').status).toBe(401);
    expect(ask('/latest/user-data').status).toBe(401);
  });

  it('accepts a token only from the machine that requested it, and only until it expires', () => {
    const tokens = new Tokens();
    const { body } = tokenFor(MACHINE, tokens);
    const headers = { 'x-aws-ec2-metadata-token': body };
    expect(ask('/latest/meta-data/instance-id', headers, MACHINE, tokens)).toEqual({
      status: 200,
      body: 'i-0123456789abcdef0',
    });
    const other = sampleState();
    const [first] = other.instances;
    if (!first) throw new Error('no machine');
    const member = { ...first, id: 'i-1', privateIp: '10.20.0.11' };
    const both = { ...other, instances: [...other.instances, member] };
    const request = { method: 'GET', path: '/latest/meta-data/instance-id', headers, source: '10.20.0.11' };
    expect(answerMetadata(request, both, tokens, NOW).status).toBe(401);
    const late = new Date(NOW.getTime() + 61_000);
    expect(answerMetadata({ ...request, source: MACHINE }, both, tokens, late).status).toBe(401);
  });

  it.each(['', '0', '21601', 'x'])('issues no token with a lifetime of "%s"', (ttl) => {
    expect(tokenFor(MACHINE, new Tokens(), ttl).status).toBe(400);
  });

  it('answers only machines', () => {
    expect(ask('/latest/meta-data/instance-id', {}, '10.20.0.99').status).toBe(404);
  });

  it('lists branches as EC2 does, without AWS’s own tags', () => {
    const tokens = new Tokens();
    const headers = { 'x-aws-ec2-metadata-token': tokenFor(MACHINE, tokens).body };
    const look = (path: string) => ask(path, headers, MACHINE, tokens).body.split('\n');
    expect(look('/latest/meta-data/')).toEqual(expect.arrayContaining(['instance-id', 'placement/', 'iam/']));
    expect(look('/latest/meta-data/iam/security-credentials/')).toEqual(['machine']);
    expect(look('/latest/meta-data/tags/instance/')).toEqual(['convoke:role']);
    expect(JSON.parse(look('/latest/meta-data/iam/security-credentials/machine').join('\n'))).toMatchObject({
      Token: 'token',
    });
  });

  it('shows the interruption notice of a spot machine, and nothing before it', () => {
    const tokens = new Tokens();
    const headers = { 'x-aws-ec2-metadata-token': tokenFor(MACHINE, tokens).body };
    const path = '/latest/meta-data/spot/instance-action';
    expect(ask(path, headers, MACHINE, tokens).status).toBe(404);
    const [machine] = desired.instances;
    if (!machine) throw new Error('no machine');
    const interruption = { noticed: '2026-01-01T00:00:00Z', time: '2026-01-01T00:02:00Z' };
    const noticed = sampleState({ instances: [{ ...machine, interruption }] });
    const look = (at: string) =>
      JSON.parse(
        answerMetadata({ method: 'GET', path: at, headers, source: MACHINE }, noticed, tokens, NOW).body,
      );
    expect(look(path)).toEqual({ action: 'terminate', time: '2026-01-01T00:02:00Z' });
    expect(look('/latest/meta-data/events/recommendations/rebalance')).toEqual({
      noticeTime: '2026-01-01T00:00:00Z',
    });
  });
});
