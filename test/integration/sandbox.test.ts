import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/node/facts.js';
import { render } from '../../src/node/render/index.js';
import { sampleBridge, sampleRecorder, teamFacts } from '../sample-facts.js';
import { inDebian } from './debian-root.js';

/** Worst rating that a unit may have: `systemd-analyze security` calls up to 4.9 "OK" and up to 2 "SAFE". */
const WORST = 4;

/** The relevant parts of units whose packages Debian does not have. */
const PACKAGED = `
mkdir -p /usr/share/jicofo /usr/share/jitsi-videobridge
for program in /usr/share/jicofo/jicofo.sh /usr/share/jitsi-videobridge/jvb.sh; do printf '#!/bin/sh\\n' > $program; chmod +x $program; done
printf '[Service]\\nUser=jvb\\nExecStart=/bin/true\\n' > /usr/lib/systemd/system/jitsi-videobridge2.service
for unit in jibri jibri-xorg jibri-icewm; do
  printf '[Service]\\nUser=jibri\\nGroup=jibri\\nExecStart=/bin/true\\n' > /usr/lib/systemd/system/$unit.service
done
`;

const unitsOf = (facts: Facts): string[] => [
  ...new Set(
    render(facts).flatMap(
      ({ path }) => /^\/etc\/systemd\/system\/([^/]+\.service)(?:\.d\/.*)?$/.exec(path)?.[1] ?? [],
    ),
  ),
];

/** Ratings by unit, from systemd itself; it reads the unit files and starts nothing. */
async function ratings(facts: Facts): Promise<Record<string, number>> {
  const units = unitsOf(facts);
  const script = `${PACKAGED}
for unit in ${units.join(' ')}; do
  systemd-analyze security --offline=true --no-pager --json=short "$unit" > /dev/null 2> /tmp/errors || cat /tmp/errors
  systemd-analyze security --offline=true --no-pager "$unit" | sed -n "s/.*Overall exposure level for $unit: \\([0-9.]*\\) .*/RATED $unit \\1/p"
done`;
  const { all } = await inDebian(render(facts), script);
  const found = [...all.matchAll(/^RATED (\S+) ([\d.]+)$/gm)].map(([, unit = '', rating]) => [
    unit,
    Number(rating),
  ]);
  expect(
    found.map(([unit]) => unit),
    all,
  ).toEqual(units);
  return Object.fromEntries(found);
}

describe('the sandbox of units', () => {
  const machines = [
    ['a shard that relays media', { ...teamFacts(), spec: { ...teamFacts().spec, colocatedBridge: true } }],
    ['a bridge', sampleBridge()],
    ['a recorder', sampleRecorder()],
  ] as const;

  it.each(machines)(`has no unit of %s rated worse than ${WORST}`, async (_, facts) => {
    const rated = await ratings(facts);
    console.info(
      Object.entries(rated)
        .map(([unit, rating]) => `${rating.toFixed(1)}  ${unit}`)
        .join('\n'),
    );
    expect(Object.entries(rated).filter(([, rating]) => rating > WORST)).toEqual([]);
  });

  it('lets nginx read whether the stick table is synced, which the edge needs to serve', () => {
    const unit = render(teamFacts()).find(({ path }) => path.endsWith('/convoke-stick-table-sync.service'));
    expect(unit?.text).toContain('UMask=0022');
  });
});
