import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';

/**
 * Where a verb acts: an AWS account, or a cloud that answers like one. Nothing else tells operations which it is.
 */
export interface Account {
  readonly region: string;
  readonly credentials: AwsCredentialIdentityProvider;
  /** Base URL of every AWS API, for clouds that are not AWS. */
  readonly endpoint?: string;
  /** How a participant reaches the deployment's domain. Unset: by public DNS and public certificate authorities. */
  readonly endpointOverride?: EndpointOverride;
  /** Kills the main process of a systemd unit on a machine. Unset: there is no way into machines. */
  readonly killProcess?: (machine: string, unit: string) => Promise<void>;
  /** Has a machine that is launched from now on start so many seconds later. Unset: it takes what the cloud takes. */
  readonly delayLaunches?: (seconds: number) => void;
  /** Address and port of the name server that knows this cloud's names. Unset: public DNS. */
  readonly nameServer?: string;
  readonly clock: Clock;
}

/** A way to a domain that public DNS does not know. */
export interface EndpointOverride {
  /** Address and port to connect to in place of the domain's port 443. */
  readonly address: string;
  readonly port: number;
  /** PEM of the authority that signed the domain's certificate. */
  readonly authority: string;
  /** How a browser gets there too, and to media addresses: what to run it by, and Chromium's resolver rules. */
  readonly browser?: { readonly command: readonly string[]; readonly resolverRules: string };
}

export interface Clock {
  now(): Date;
  /** Resolves after so many milliseconds, or rejects when the signal aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
