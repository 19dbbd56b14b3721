import { expect, it } from 'vitest';
import { securityUpdates } from './security-updates.js';

it('counts the packages that are installed and have a newer version in the security archive', () => {
  const simulated = `NOTE: This is only a simulation!
Inst libssl3t64 [3.5.1-1] (3.5.1-1+deb13u1 Debian-Security:13/stable-security [arm64]) []
Inst haproxy [3.0.11-1+deb13u1] (3.0.11-1+deb13u2 Debian:13.2/stable, Debian-Security:13/stable-security [arm64])
Inst base-files [13.8] (13.8+deb13u1 Debian:13.1/stable [arm64])
Inst linux-image-6.12.48-cloud-arm64 (6.12.48-1 Debian-Security:13/stable-security [arm64])
Conf libssl3t64 (3.5.1-1+deb13u1 Debian-Security:13/stable-security [arm64])
`;
  expect(securityUpdates(simulated)).toBe(2);
  expect(securityUpdates('')).toBe(0);
});
