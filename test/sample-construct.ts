import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, aws_route53 as route53, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, vi } from 'vitest';
import { JitsiMeet } from '../src/stack/jitsi-meet.js';

/** A folder of the test file, for CDK's output and for files of tests. Removed after the last test. */
export function temporaryOutput(): string {
  const folder = mkdtempSync(join(tmpdir(), 'convoke-props-'));
  beforeAll(() => {
    vi.stubEnv('CDK_OUTDIR', join(folder, 'assembly'));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  return folder;
}

export const zoneOf = (stack: Stack) =>
  route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.org' });

export type Props = ConstructorParameters<typeof JitsiMeet>[2];

/** The construct with valid props, and the given ones in addition or instead. Plain JavaScript may give anything. */
export const meet = (stack: Stack, props: Record<string, unknown> = {}) =>
  new JitsiMeet(stack, 'Meet', {
    name: 'meet',
    domain: 'meet.example.org',
    alerts: 'ops@example.org',
    zone: zoneOf(stack),
    ...props,
  } as unknown as Props);

/** Not synthesised again when the worker is idle: the folder may be removed by then. */
export const newStack = (region?: string) =>
  new Stack(new App({ autoSynth: false }), 'Ours', region ? { env: { region } } : {});
