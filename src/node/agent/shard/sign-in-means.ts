import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ShardSpec } from '../../../contract/machine-spec.js';
import type { SignInMeans } from '../../access/sign-in/serve-sign-in.js';
import type { SignIn } from '../../access/sign-in/sign-in.js';
import { instanceCredentials } from '../../metadata.js';
import { readClientSecret } from '../../secrets.js';
import { log } from '../log.js';

/** Reads the client's secret when a host signs in, so that a new one needs no new machine, and logs each sign-in. */
export function signInMeans(spec: Pick<ShardSpec, 'region' | 'login' | 'logs'>): SignInMeans {
  const { region, login, logs } = spec;
  let client: SecretsManagerClient | undefined;
  return {
    async clientSecret() {
      client ??= new SecretsManagerClient({ region, credentials: instanceCredentials });
      return login && readClientSecret(client, login.secret);
    },
    report: (signIn) => {
      const line = signInLine(signIn, logs.diagnostics === 'full');
      // The administrator has to do something.
      if (signIn.outcome === 'secret' || signIn.outcome === 'unavailable') log.warning(line);
      else log.info(line);
    },
  };
}

/** `named`: whether the line may name the account. */
export function signInLine({ outcome, detail, account }: SignIn, named: boolean): string {
  const who = named && account !== undefined ? ` (${account})` : '';
  const what = {
    host: 'a host signed in',
    participant: 'a participant signed in, who is no host',
    'not allowed': 'an account that is not allowed was refused',
    unavailable: 'nobody can sign in, because the provider does not answer',
    secret: 'nobody can sign in: run "convoke login set-secret"',
    cancelled: 'a sign-in was cancelled',
    refused: 'a sign-in failed',
    attempt: 'a sign-in was refused that this browser had not begun',
  }[outcome];
  return `sign-in: ${what}${who}${detail === undefined ? '' : `: ${detail}`}`;
}
