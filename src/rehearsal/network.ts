import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { ADDRESSES, type Place } from './place.js';
import type { Podman } from './podman.js';

/** Runs a program in the rehearsal's network namespace. */
export const inNamespace = (place: Place, program: string, ...args: string[]) =>
  execa('nsenter', [`--net=/run/netns/${place.namespace}`, program, ...args]);

/** Makes the namespace, with the addresses of EC2's own services and of the load balancer, and the VPC's network in it. */
export async function makeNetwork(place: Place, podman: Podman): Promise<void> {
  if (!existsSync(`/run/netns/${place.namespace}`)) await execa('ip', ['netns', 'add', place.namespace]);
  const ip = (...args: string[]) => inNamespace(place, 'ip', ...args);
  await ip('link', 'set', 'lo', 'up');
  const { metadata, resolver, api, apt, balancer } = ADDRESSES;
  for (const address of [metadata, resolver, api, apt])
    await ip('addr', 'replace', `${address}/32`, 'dev', 'lo');
  // With its whole range, so that public addresses have a route before they are translated.
  await ip('addr', 'replace', `${balancer}/24`, 'dev', 'lo');
  await inNamespace(place, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  await podman.inside(
    'network',
    'create',
    '--disable-dns',
    '--subnet',
    ADDRESSES.vpc,
    '--gateway',
    ADDRESSES.gateway,
    place.network,
  );
}

/** A public address leads to a private one and back, as EC2's one-to-one translation does. */
export async function translate(place: Place, publicIp: string, privateIp: string): Promise<void> {
  await forget(place, publicIp, privateIp);
  const rule = (...args: string[]) => inNamespace(place, 'iptables', '-w', '-t', 'nat', ...args);
  await rule('-A', 'PREROUTING', '-d', publicIp, '-j', 'DNAT', '--to-destination', privateIp);
  await rule('-A', 'OUTPUT', '-d', publicIp, '-j', 'DNAT', '--to-destination', privateIp);
}

/** Takes back what `translate` and `cutOff` did. */
export async function forget(place: Place, publicIp: string | null, privateIp: string): Promise<void> {
  const drop = async (table: string, ...rule: string[]) => {
    const args = ['-w', '-t', table, '-D', ...rule];
    while (
      (
        await execa('nsenter', [`--net=/run/netns/${place.namespace}`, 'iptables', ...args], {
          reject: false,
        })
      ).exitCode === 0
    );
  };
  if (publicIp) {
    await drop('nat', 'PREROUTING', '-d', publicIp, '-j', 'DNAT', '--to-destination', privateIp);
    await drop('nat', 'OUTPUT', '-d', publicIp, '-j', 'DNAT', '--to-destination', privateIp);
  }
  await drop('raw', 'PREROUTING', '-s', privateIp, '-j', 'DROP');
}

/** Nothing that a machine sends arrives any more, not even a goodbye. */
export async function cutOff(place: Place, privateIp: string): Promise<void> {
  await inNamespace(place, 'iptables', '-w', '-t', 'raw', '-I', 'PREROUTING', '-s', privateIp, '-j', 'DROP');
}

export async function removeNetwork(place: Place): Promise<void> {
  if (existsSync(`/run/netns/${place.namespace}`)) await execa('ip', ['netns', 'delete', place.namespace]);
}
