import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isObject } from '../hocon.js';
import type { Settings } from '../settings.js';
import type { BridgeAddress } from './load.js';

const NOT_PUBLIC = new BlockList();
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
  ['100.64.0.0', 10],
] as const)
  NOT_PUBLIC.addSubnet(net, bits);

/** Addresses for media: the machine's own addresses, and the public ones that are mapped to them. */
export function mediaAddresses(settings: Settings): BridgeAddress[] {
  const port = settings.number('videobridge.ice.udp.port', 10_000);
  const mappings = settings.value('ice4j.harvest.mapping.static-mappings');
  const mapped = (Array.isArray(mappings) ? mappings : []).flatMap((mapping) =>
    isObject(mapping) && typeof mapping['public-address'] === 'string' ? [mapping['public-address']] : [],
  );
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  return [...own, ...mapped].map((ip) => ({ ip, port }));
}

/** Videobridge is unhealthy without a public address, unless configured otherwise. */
export function addressTrouble(settings: Settings, addresses: readonly BridgeAddress[]): string | undefined {
  if (!settings.flag('videobridge.health.require-valid-address', true)) return undefined;
  return addresses.some(({ ip }) => !NOT_PUBLIC.check(ip))
    ? undefined
    : 'No valid IP addresses available for harvesting';
}
