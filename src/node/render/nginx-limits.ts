import { NETWORK_HEADER } from '../../contract/machine-layout.js';

/**
 * Requests per second of one network to a shard's Prosody, and how many more may wait. A school or company shares one
 * address: 500 participants must be able to join within a minute, or to reconnect at once after a shard has failed.
 */
export const RATES = {
  /** New WebSockets. 500 at once are accepted within 10 s. Measured: a login takes Prosody 11 ms. */
  websockets: { perSecond: 50, burst: 500 },
  /**
   * BOSH, which few clients use: those that cannot open a WebSocket. A participant makes 25 requests to join, then
   * about one a second.
   */
  bosh: { perSecond: 200, burst: 1000 },
  /** A disconnected participant's page asks four times a second which shard serves its room. */
  questions: { perSecond: 500, burst: 5000 },
} as const;

const NETWORK = `$http_${NETWORK_HEADER.toLowerCase().replaceAll('-', '_')}`;

/** A limit_req zone for the networks of requests for which its map has a key. */
const zone = (name: keyof typeof RATES, websocket: string, post: string, other: string): string => `
    map "$request_method:$http_upgrade" $network_of_${name} {
        '~^GET:.' ${websocket};
        '~^POST:' ${post};
        default ${other};
    }
    limit_req_zone $network_of_${name} zone=${name}:10m rate=${RATES[name].perSecond}r/s;`;

/** The zones of nginx's limits, for its `http` block. */
export const LIMITS = `    # Requests to Prosody, limited by network, which the edge names. Excess requests wait, up to the burst.${[
  zone('websockets', NETWORK, "''", "''"),
  zone('bosh', "''", NETWORK, "''"),
  zone('questions', "''", "''", NETWORK),
].join('')}
    limit_req_status 429;
    # A refused request would be logged with its URL, which contains a room's name.
    limit_req_log_level info;
`;
