/** The address ranges that a VPC may use. */
export const VPC_RANGES = [
  { cidr: '10.0.0.0/8', first: '10.0.0.0', last: '10.255.255.255' },
  { cidr: '172.16.0.0/12', first: '172.16.0.0', last: '172.31.255.255' },
  { cidr: '192.168.0.0/16', first: '192.168.0.0', last: '192.168.255.255' },
  { cidr: '100.64.0.0/10', first: '100.64.0.0', last: '100.127.255.255' },
] as const;
