import { once } from 'node:events';
import { execa } from 'execa';

/** A scan of a machine's ports. */
export interface Attempt {
  /** Path of the network namespace that sends. */
  readonly from: string;
  /** Path of the network namespace of the machine. */
  readonly to: string;
  /** The address of the machine to scan. */
  readonly address: string;
  /** Default: every port. */
  readonly tcp?: readonly number[];
  readonly udp?: readonly number[];
}

/** Sends a SYN or a datagram to each port, marked with the number of its attempt. */
const SENDER = `
import json, random, socket, struct, sys, time
EVERY = range(1, 65536)
def sum_of(data):
    return sum(struct.unpack(f'!{len(data) // 2}H', data))
def checksum(total):
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
def source(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((address, 9))
        return s.getsockname()[0]
def send(s, data, to):
    # The kernel's word for a packet that the ruleset drops where it is sent.
    try: s.sendto(data, to)
    except PermissionError: pass
segments = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def find(address):
    # While the link address of the next hop is asked for, all but the last hundred packets are lost.
    send(datagrams, b'', (address, 9))
    until = time.monotonic() + 1
    while time.monotonic() < until and any(line.split()[2] == '0x0' for line in open('/proc/net/arp').readlines()[1:]):
        time.sleep(0.01)
for number, address, tcp, udp in json.load(sys.stdin):
    find(address)
    # Another port each time: a connection that the kernel knows from an earlier scan passes whatever the rules say.
    own = random.randrange(20000, 60000)
    rest = struct.pack('!IIBBH', ${0x5ca10000} + number, 0, 0x50, 2, 1024)
    pseudo = socket.inet_aton(source(address)) + socket.inet_aton(address) + struct.pack('!BBH', 0, 6, 20)
    fixed = sum_of(pseudo + rest) + own
    for port in EVERY if tcp is None else tcp:
        send(segments, struct.pack('!HH', own, port) + rest + struct.pack('!HH', checksum(fixed + port), 0), (address, 0))
    for port in EVERY if udp is None else udp:
        send(datagrams, b'scan %d' % number, (address, port))
`;

/**
 * Collects the packets that arrive at a machine, whether or not anything listens there, until its input ends and nothing has
 * arrived for half a second.
 */
const RECEIVER = `
import json, select, socket, struct, sys, time
seen = set()
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
s.setsockopt(socket.SOL_SOCKET, 33, 1 << 25)
print('ready', flush=True)
ending = False
last = time.monotonic()
while not ending or time.monotonic() - last < 0.5:
    ready, _, _ = select.select([s] if ending else [s, sys.stdin], [], [], 0.1)
    if sys.stdin in ready:
        ending, last = True, time.monotonic()
    if s not in ready: continue
    packet, (_, _, kind, *_) = s.recvfrom(2048)
    if kind == 4: continue
    body = packet[(packet[0] & 15) * 4:]
    found = None
    if packet[9] == 6 and len(body) >= 14 and body[13] == 2:
        number = struct.unpack('!I', body[4:8])[0] - ${0x5ca10000}
        if 0 <= number < 10000: found = (number, 'tcp', struct.unpack('!H', body[2:4])[0])
    elif packet[9] == 17 and body[8:13] == b'scan ':
        found = (int(body[13:]), 'udp', struct.unpack('!H', body[2:4])[0])
    if found:
        seen.add(found)
        last = time.monotonic()
print(json.dumps(sorted(seen)))
`;

/** Runs a Python program in a network namespace, with this host's Python, because machines may not have it. */
const python = (network: string, program: string, input?: string) =>
  execa('nsenter', [`--net=${network}`, 'python3', '-c', program], {
    ...(input !== undefined && { input }),
    timeout: PATIENCE_MS,
  });

/** Several times the duration of a scan. */
const PATIENCE_MS = 100_000;

/** Returns the ports that are open in each scan, as `tcp 80`. A port is open if a packet arrives at the machine. */
export async function scan(attempts: readonly Attempt[]): Promise<Map<Attempt, string[]>> {
  const receivers = [...new Set(attempts.map(({ to }) => to))].map((to) => python(to, RECEIVER));
  try {
    await Promise.all(receivers.map((each) => Promise.race([once(each.stdout, 'data'), each])));
    const senders = [...new Set(attempts.map(({ from }) => from))];
    await Promise.all(
      senders.map((from) => {
        const own = attempts.flatMap(({ from: sender, address, tcp = null, udp = null }, number) =>
          sender === from ? [[number, address, tcp, udp]] : [],
        );
        return python(from, SENDER, JSON.stringify(own));
      }),
    );
    for (const each of receivers) each.stdin.end();
    const arrived = new Map<Attempt, string[]>(attempts.map((each) => [each, []]));
    for (const { stdout } of await Promise.all(receivers)) {
      const [, seen = '[]'] = stdout.split('\n');
      for (const [number, protocol, port] of JSON.parse(seen) as [number, string, number][]) {
        const attempt = attempts[number];
        if (attempt) arrived.get(attempt)?.push(`${protocol} ${port}`);
      }
    }
    return arrived;
  } finally {
    for (const each of receivers) each.kill();
    await Promise.allSettled(receivers);
  }
}
