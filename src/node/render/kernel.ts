import { type MachineFile, NOTICE } from './file.js';

/**
 * Kernel parameters for many UDP media streams and idle WebSockets. `-`: ignore parameters that may not be set
 * (containers).
 */
export function kernel(): MachineFile {
  return {
    path: '/etc/sysctl.d/60-convoke.conf',
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
# Videobridge requests receive buffers of 10 MiB, and drops media in bursts without them.
-net.core.rmem_max = 10485760
-net.core.netdev_max_backlog = 100000
-net.core.somaxconn = 4096
-net.ipv4.ip_local_port_range = 15000 64999
# A peer that lost power does not close its connections. Sending to it gives up after 7 s (measured) instead of a
# quarter of an hour: then Prosody ends the stream of a dead bridge, and Jicofo moves its meetings at once. All TCP
# peers are nearby (machines of the VPC, load balancers, AWS) and reconnect. Participants' connections end at a load
# balancer, including TURN: their bad networks are not affected.
-net.ipv4.tcp_retries2 = 4
# The same for idle connections with keepalive: 16 s instead of two hours.
-net.ipv4.tcp_keepalive_time = 10
-net.ipv4.tcp_keepalive_intvl = 2
-net.ipv4.tcp_keepalive_probes = 3
# These machines have little page cache to spare; swapping out a JVM stops media.
-vm.swappiness = 10
`,
    readBy: ['kernel'],
  };
}
