import { describe, expect, it } from 'vitest';
import { MachineFault } from './machine-faults.js';

const id = 'i-0123456789abcdef0';

describe('a fault of a machine', () => {
  it.each([
    { kind: 'partition', id },
    { kind: 'kill-process', id, unit: 'jitsi-videobridge2.service' },
    { kind: 'stop-unit', id, unit: 'getty@tty1' },
  ])('may be %j', (fault) => {
    expect(MachineFault.safeParse(fault).success).toBe(true);
  });

  it.each([
    { kind: 'explode', id },
    { kind: 'pause', id: '--all' },
    { kind: 'pause', id: 'convoke-prepare-1' },
    { kind: 'kill-process', id },
    { kind: 'stop-unit', id, unit: '--now' },
    { kind: 'start-unit', id, unit: 'a b' },
  ])('may not be %j, which would be something else to systemd or Podman', (fault) => {
    expect(MachineFault.safeParse(fault).success).toBe(false);
  });
});
