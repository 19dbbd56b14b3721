import { describe, expect, it } from 'vitest';
import { settings } from '../settings.js';
import { addressTrouble, mediaAddresses } from './addresses.js';

const at = (...ips: string[]) => ips.map((ip) => ({ ip, port: 10_000 }));

describe('addressTrouble', () => {
  it('is unhealthy with private addresses only, as Videobridge is', () => {
    expect(addressTrouble(settings(''), at('10.20.0.5', '127.0.0.1'))).toMatch('No valid IP addresses');
  });
  it('is healthy with a public address', () => {
    expect(addressTrouble(settings(''), at('10.20.0.5', '203.0.113.7'))).toBeUndefined();
  });
  it('ignores that if configured', () => {
    expect(
      addressTrouble(settings('videobridge.health.require-valid-address = false'), at('10.20.0.5')),
    ).toBeUndefined();
  });
});

describe('mediaAddresses', () => {
  it('includes mapped addresses, with the media port', () => {
    const conf = `videobridge.ice.udp.port = 10001
      ice4j.harvest.mapping.static-mappings = [{ local-address = "10.20.0.5", public-address = "203.0.113.7" }]`;
    expect(mediaAddresses(settings(conf))).toContainEqual({ ip: '203.0.113.7', port: 10_001 });
  });
});
