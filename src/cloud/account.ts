import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';

/**
 * The cloud that a verb uses: an AWS account, or an emulator with the same APIs. Operations do not ask which one it is.
 * Everything in which the two differ is a property here: how to connect to it, how fast it is, what it does not have,
 * and which faults can be injected.
 */
export interface Account {
  readonly region: string;
  readonly credentials: AwsCredentialIdentityProvider;
  /** Base URL of all AWS APIs, for SDK clients and CDK only; unset on AWS. */
  readonly endpoint?: string;
  /** How clients connect to the deployment's domain. Unset: by public DNS and public certificate authorities. */
  readonly endpointOverride?: EndpointOverride;
  readonly clock: Clock;
  /**
   * Milliseconds between two polls of the same thing. Unset: what each wait names for AWS, which limits the rate of
   * calls and takes seconds to minutes for a change.
   */
  readonly pollInterval?: number;
  /** Where the names of this cloud can be looked up. */
  readonly dns: NameLookup;
  /** What AWS has and this cloud does not. Empty on AWS. */
  readonly lacks: readonly MissingFeature[];
  /** The command that opens a shell on a machine. Unset: Session Manager. */
  readonly shell?: (machine: string) => ShellCommand;
  /** Faults that can be injected beyond those of AWS's APIs (`faults.ts`). Unset: none. */
  readonly faults?: FaultInjection;
}

/** `nowhere`: the names of this cloud are in no DNS. A server is given by address and port. */
export type NameLookup =
  | { readonly kind: 'public' }
  | { readonly kind: 'server'; readonly address: string }
  | { readonly kind: 'nowhere' };

/**
 * `quotas`: they can be read, but are not enforced. `mail`: what SNS sends does not leave this cloud. `repositories`:
 * machines reach no apt repository of Jitsi; they install from a folder, or are simulated.
 */
export type MissingFeature = 'price list' | 'mail' | 'quotas' | 'repositories';

/** A command that takes over the terminal. */
export interface ShellCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Faults for drills that need more than AWS's APIs. */
export interface FaultInjection {
  /** Kills the main process of a systemd unit on a machine. */
  killProcess(machine: string, unit: string): Promise<void>;
  /** Delays the start of machines that are launched from now on, by this many seconds. */
  delayLaunches(seconds: number): void;
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
