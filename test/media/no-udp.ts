import { execa } from 'execa';
import type { EndpointOverride } from '../../src/cloud/account.js';
import { ADDRESSES } from '../../src/rehearsal/addresses.js';

/** Documentation addresses (RFC 5737): here, and at the other end of the wire. */
const HERE = '198.51.100.2';
const THERE = '198.51.100.1';
const WIRE = 'no-udp';

/** A network beside the rehearsal's whose way out lets no UDP through. */
export interface NoUdp {
  /** How a browser there reaches what is in the rehearsal. */
  readonly endpointOverride: EndpointOverride;
  /** Packets of UDP that were not let through so far. */
  dropped(): Promise<number>;
  remove(): Promise<void>;
}

export async function networkWithoutUdp(endpointOverride: EndpointOverride): Promise<NoUdp> {
  const outside = endpointOverride.browser?.command
    .find((word) => word.startsWith('--net='))
    ?.slice('--net='.length);
  if (!endpointOverride.browser || !outside) throw new Error('The rehearsal has no network of its own.');
  const name = `${outside.split('/').at(-1)}-no-udp`;
  const network = `/run/netns/${name}`;
  const inside = (of: string, ...command: string[]) => execa('nsenter', [`--net=${of}`, ...command]);
  const rule = ['-i', WIRE, '-p', 'udp', '-j', 'DROP'];
  await execa('ip', ['netns', 'add', name]);
  await inside(outside, 'ip', 'link', 'add', WIRE, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await inside(outside, 'ip', 'address', 'add', `${THERE}/30`, 'dev', WIRE);
  await inside(outside, 'ip', 'link', 'set', WIRE, 'up');
  await inside(outside, 'iptables', '-w', '-t', 'raw', '-I', 'PREROUTING', ...rule);
  await inside(network, 'ip', 'address', 'add', `${HERE}/30`, 'dev', 'eth0');
  for (const device of ['lo', 'eth0']) await inside(network, 'ip', 'link', 'set', device, 'up');
  // No way to anywhere else, as in the rehearsal's own network: there names that nobody knows are refused at once.
  for (const range of [ADDRESSES.publicRange, ADDRESSES.vpc])
    await inside(network, 'ip', 'route', 'add', range, 'via', THERE);
  return {
    endpointOverride: {
      ...endpointOverride,
      browser: { ...endpointOverride.browser, command: ['nsenter', `--net=${network}`] },
    },
    async dropped() {
      const { stdout } = await inside(outside, 'iptables', '-w', '-t', 'raw', '-nvxL', 'PREROUTING');
      const line = stdout.split('\n').find((text) => text.includes(WIRE)) ?? '';
      return Number(line.trim().split(/\s+/)[0]);
    },
    async remove() {
      await inside(outside, 'iptables', '-w', '-t', 'raw', '-D', 'PREROUTING', ...rule);
      // The wire goes with it.
      await execa('ip', ['netns', 'delete', name]);
    },
  };
}
