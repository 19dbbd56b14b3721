import type { Account, EndpointOverride, FaultInjection } from '../cloud/account.js';
import { systemClock } from '../cloud/clock.js';

/** The emulator reacts within milliseconds and does not limit the rate of calls. */
const POLL_INTERVAL_MS = 300;

export interface EmulatedAccountOptions {
  readonly region: string;
  /** Base URL of the emulator. */
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Address and port of a DNS server with the emulator's names. Unset: nothing resolves them. */
  readonly nameServer?: string | undefined;
  readonly endpointOverride?: EndpointOverride | undefined;
  readonly faults?: FaultInjection;
  readonly shell?: NonNullable<Account['shell']>;
}

/** An account of an emulator of AWS, as operations see it. */
export function emulatedAccount(options: EmulatedAccountOptions): Account {
  const { region, endpoint, credentials, nameServer, endpointOverride, faults, shell } = options;
  return {
    region,
    endpoint,
    credentials: async () => credentials,
    clock: systemClock,
    pollInterval: POLL_INTERVAL_MS,
    dns: nameServer ? { kind: 'server', address: nameServer } : { kind: 'nowhere' },
    lacks: ['price list', 'mail', 'quotas', 'repositories'],
    ...(endpointOverride && { endpointOverride }),
    ...(faults && { faults }),
    ...(shell && { shell }),
  };
}
