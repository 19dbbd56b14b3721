import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { PORTS } from '../../../src/contract/ports.js';
import { sampleFacts } from '../../sample-facts.js';
import { answersIn, inShard } from '../shard.js';

const { spec, ...facts } = sampleFacts();
const ADDRESS = '127.0.0.10';
let found: Record<string, { status: number; body: string }>;

beforeAll(async () => {
  const shard = {
    ...facts,
    spec: { ...spec, prometheus: true },
    instance: { ...facts.instance, privateAddress: ADDRESS },
  };
  const program = './test/integration/prometheus/program.ts';
  found = answersIn(await inShard(shard, { program, plan: { address: ADDRESS, port: PORTS.prometheus } }));
});

describe('metrics for Prometheus', () => {
  it.each([
    ['node', /^node_memory_MemAvailable_bytes [1-9]\d+$/m],
    ['haproxy', /^haproxy_process_[a-z_]+ \d/m],
    ['prosody', /^prosody_mod_[a-z0-9_]+/m],
    ['jicofo', /^jitsi_jicofo_conferences \d/m],
  ])('of %s have the names of its exporter', (name, line) => {
    expect(found[name]?.body).toMatch(line);
    expect(found[name]?.status).toBe(200);
  });

  it('include those of the machine and of HAProxy that the dashboard for Grafana shows', () => {
    const { panels } = JSON.parse(readFileSync('examples/grafana.json', 'utf8')) as {
      panels: { targets: { expr: string }[] }[];
    };
    const shown = panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(?:node|haproxy)_\w+/g) ?? []),
    );
    const served = `${found.node?.body}\n${found.haproxy?.body}`;
    expect(shown.length).toBeGreaterThan(2);
    for (const name of shown) expect(served).toMatch(new RegExp(`^${name}[ {]`, 'm'));
  });

  it('of a daemon that does not run say so', () => {
    expect(found.videobridge?.status).toBe(502);
    expect(found.videobridge?.body).toMatch(/^videobridge does not answer: /);
  });

  it('are nothing else than that', () => {
    for (const name of ['other', '../health', 'constructor']) expect(found[name]?.status, name).toBe(404);
    expect(found.posted?.status).toBe(405);
  });

  it('are not reached from the internet', () => {
    for (const [name, { body }] of Object.entries(found).filter(([each]) => each.startsWith('edge ')))
      expect(body, name).not.toMatch(/^(?:node|haproxy|prosody)_/m);
  });
});
