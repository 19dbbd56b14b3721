import { type MachineFile, NOTICE } from './file.js';

/** What many UDP media streams and many idle WebSockets need of the kernel. `-`: go on where it may not be set (containers). */
export function kernel(): MachineFile {
  return {
    path: '/etc/sysctl.d/60-convoke.conf',
    mode: 0o644,
    owner: 'root:root',
    text: `# ${NOTICE}
# Videobridge asks for receive buffers of 10 MiB, and drops media in bursts if it does not get them.
-net.core.rmem_max = 10485760
-net.core.netdev_max_backlog = 100000
-net.core.somaxconn = 4096
-net.ipv4.ip_local_port_range = 15000 64999
# A peer that lost power says no goodbye. What is sent to it is given up after 7 s (measured) in place of a quarter of an
# hour: then Prosody ends the stream of a dead bridge, and Jicofo moves its meetings at once. Who is talked to over TCP is
# near by (machines of the VPC, load balancers, AWS), and tries again. Participants end at a load balancer, those who come
# by TURN too: a bad network of theirs is never given up here.
-net.ipv4.tcp_retries2 = 4
# The same for connections on which nothing is sent, where a daemon asked for it: 16 s in place of two hours.
-net.ipv4.tcp_keepalive_time = 10
-net.ipv4.tcp_keepalive_intvl = 2
-net.ipv4.tcp_keepalive_probes = 3
# A machine of this size has little page cache to give; swapping a JVM out stops media.
-vm.swappiness = 10
`,
    readBy: ['kernel'],
  };
}
