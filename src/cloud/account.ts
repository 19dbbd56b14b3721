import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';

/**
 * The cloud that a verb uses: an AWS account, or an emulator with the same APIs. Operations distinguish them only by
 * these properties.
 */
export interface Account {
  readonly region: string;
  readonly credentials: AwsCredentialIdentityProvider;
  /** Base URL of all AWS APIs; unset on AWS. */
  readonly endpoint?: string;
  /** How clients connect to the deployment's domain. Unset: by public DNS and public certificate authorities. */
  readonly endpointOverride?: EndpointOverride;
  /** Kills the main process of a systemd unit on a machine. Unset: not possible. */
  readonly killProcess?: (machine: string, unit: string) => Promise<void>;
  /** Delays the start of machines that are launched from now on. Unset: not possible. */
  readonly delayLaunches?: (seconds: number) => void;
  /** Address and port of the name server with this cloud's names. Unset: public DNS. */
  readonly nameServer?: string;
  readonly clock: Clock;
}

/** How to connect to a domain that is not in public DNS. */
export interface EndpointOverride {
  /** Address and port to connect to instead of the domain's port 443. */
  readonly address: string;
  readonly port: number;
  /** PEM of the certificate authority that signed the domain's certificate. */
  readonly authority: string;
  /**
   * How to run a browser so that it reaches the domain and media addresses: a command prefix, and Chromium's resolver
   * rules.
   */
  readonly browser?: { readonly command: readonly string[]; readonly resolverRules: string };
}

export interface Clock {
  now(): Date;
  /** Resolves after the given milliseconds, or rejects when the signal aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
