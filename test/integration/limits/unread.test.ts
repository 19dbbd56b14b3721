import { beforeAll, describe, expect, it } from 'vitest';
import type { Observation } from './observe.js';
import { observedAttacks } from './observed-attacks.js';

const ATTACKS = [
  'participants who do not read',
  'participants who do not acknowledge',
  'BOSH sessions that are not polled',
];
const NEWCOMERS = 3;
/** What takes minutes on a machine: connections that buffer little, and a low limit of what is kept for all participants. */
const QUICK = `
for buffer in wmem rmem; do echo "4096 16384 32768" >/proc/sys/net/ipv4/tcp_$buffer; done
sed -i -E '/convoke_backlog = /,/}/s/total = [0-9]+/total = ${4 * 1024 * 1024}/' /etc/prosody/prosody.cfg.lua`;

let observed: Map<string, Observation>;
beforeAll(async () => {
  observed = await observedAttacks({
    attacks: ATTACKS,
    seconds: 10,
    newcomers: NEWCOMERS,
    before: QUICK,
  });
}, 300_000);

describe.each(ATTACKS)('during an attack (%s)', (name) => {
  const seen = () => observed.get(name) as Observation;

  it('participants stay in their meeting, and new ones join', () => {
    expect(seen().stayed).toBe(true);
    expect(seen().newcomers.filter((time) => time !== null)).toHaveLength(NEWCOMERS);
  });

  it('Prosody uses less than 57 MB', () => {
    // It uses 23 MB when idle, and without the limit 60 to 105 MB after these seconds.
    expect(seen().peak).toBeLessThan(57);
  });
});
