import { once } from 'node:events';
import { execa } from 'execa';
import type { EndpointOverride } from '../../src/cloud/account.js';
import { ADDRESSES } from '../../src/rehearsal/addresses.js';
import { INTERNET_INTERFACE as WIRE } from '../../src/rehearsal/security-groups.js';
import { bundled } from '../integration/bundle.js';

/** Documentation addresses (RFC 5737): here, and at the other end of the wire. */
const HERE = '198.51.100.2';
const THERE = '198.51.100.1';
const PROXY_PORT = 3128;

/** A network of its own for a browser, connected to the rehearsal's. */
interface RestrictedNetwork {
  /** How a browser there reaches what is in the rehearsal. */
  readonly endpointOverride: EndpointOverride;
  remove(): Promise<void>;
}

/** A network that drops UDP on its way out. */
export interface NoUdp extends RestrictedNetwork {
  /** Packets of UDP that were dropped so far. */
  dropped(): Promise<number>;
}

export async function networkWithoutUdp(endpointOverride: EndpointOverride): Promise<NoUdp> {
  const { outside, network, browser, removeWire } = await wire(endpointOverride);
  const rule = ['-i', WIRE, '-p', 'udp', '-j', 'DROP'];
  await inside(outside, 'iptables', '-w', '-t', 'raw', '-I', 'PREROUTING', ...rule);
  // No route to other networks, as in the rehearsal's own network: there, unknown names are refused immediately.
  for (const range of [ADDRESSES.publicRange, ADDRESSES.vpc])
    await inside(network, 'ip', 'route', 'add', range, 'via', THERE);
  return {
    endpointOverride: {
      ...endpointOverride,
      browser: { ...browser, command: ['nsenter', `--net=${network}`] },
    },
    async dropped() {
      const { stdout } = await inside(outside, 'iptables', '-w', '-t', 'raw', '-nvxL', 'PREROUTING');
      const line = stdout.split('\n').find((text) => text.includes(WIRE)) ?? '';
      return Number(line.trim().split(/\s+/)[0]);
    },
    async remove() {
      await inside(outside, 'iptables', '-w', '-t', 'raw', '-D', 'PREROUTING', ...rule);
      await removeWire();
    },
  };
}

/** A network whose only way out is an HTTP proxy, which connects to port 443 only. */
export interface Proxied extends RestrictedNetwork {
  /** `host:port` of each connection that browsers asked for. */
  readonly connections: ReadonlySet<string>;
}

/** `names`: addresses by name. Only the proxy knows them. */
export async function networkBehindProxy(
  endpointOverride: EndpointOverride,
  names: Readonly<Record<string, string>>,
): Promise<Proxied> {
  const { outside, network, removeWire } = await wire(endpointOverride);
  const proxy = execa(
    'nsenter',
    [`--net=${outside}`, process.execPath, '--input-type=module', '--eval', await bundled(PROXY)],
    { env: { CONNECT_PROXY: JSON.stringify({ host: THERE, port: PROXY_PORT, names }) }, reject: false },
  );
  const connections = new Set<string>();
  let ready = '';
  proxy.stdout.setEncoding('utf8').on('data', (lines: string) => {
    ready += lines;
    for (const line of lines.trim().split('\n')) if (line !== 'ready') connections.add(line);
  });
  while (!ready) await once(proxy.stdout, 'data');
  const proxied = `exec nsenter --net=${network} "$@" --proxy-server=http://${THERE}:${PROXY_PORT}`;
  return {
    connections,
    endpointOverride: {
      ...endpointOverride,
      browser: { command: ['sh', '-c', proxied, 'sh'], resolverRules: `MAP * ~NOTFOUND, EXCLUDE ${THERE}` },
    },
    async remove() {
      proxy.kill();
      await proxy;
      await removeWire();
    },
  };
}

const PROXY = `
import { connectProxy } from './test/media/connect-proxy.js';
await connectProxy(JSON.parse(process.env.CONNECT_PROXY));
console.log('ready');
`;

const inside = (network: string, ...command: string[]) => execa('nsenter', [`--net=${network}`, ...command]);

async function wire(endpointOverride: EndpointOverride) {
  const { browser } = endpointOverride;
  const outside = browser?.command.find((word) => word.startsWith('--net='))?.slice('--net='.length);
  if (!browser || !outside) throw new Error('The rehearsal has no network of its own.');
  const name = `${outside.split('/').at(-1)}-restricted`;
  const network = `/run/netns/${name}`;
  await execa('ip', ['netns', 'add', name]);
  await inside(outside, 'ip', 'link', 'add', WIRE, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await inside(outside, 'ip', 'address', 'add', `${THERE}/30`, 'dev', WIRE);
  await inside(outside, 'ip', 'link', 'set', WIRE, 'up');
  await inside(network, 'ip', 'address', 'add', `${HERE}/30`, 'dev', 'eth0');
  for (const device of ['lo', 'eth0']) await inside(network, 'ip', 'link', 'set', device, 'up');
  return {
    outside,
    network,
    browser,
    /** The wire goes with its network. */
    removeWire: async () => {
      await execa('ip', ['netns', 'delete', name]);
    },
  };
}
