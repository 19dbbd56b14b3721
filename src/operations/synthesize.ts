import { App, type Stack } from 'aws-cdk-lib';
import type { Deployment } from '../config/deployment.js';
import type { ReleaseState } from '../contract/release.js';
import { BootstrapStack } from '../stack/bootstrap-stack.js';
import { DeploymentStack } from '../stack/deployment-stack.js';
import type { Held } from '../stack/held.js';
import { RecordingsStack } from '../stack/recordings-stack.js';
import { makeScratch } from './temporary-folder.js';

/** The parts of a CloudFormation template that convoke reads. */
export interface Template {
  readonly Description?: string;
  readonly Parameters?: Record<
    string,
    { readonly Type: string; readonly Default?: string; readonly Description?: string }
  >;
  readonly Resources: Record<string, TemplateResource>;
  readonly Outputs?: Record<string, unknown>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

export interface Templates {
  readonly bootstrap: Template;
  readonly deployment: Template;
}

/**
 * The CDK app of a deployment: its bootstrap stack and its own stack. Reads nothing from the account, so it works
 * offline.
 */
export function app(
  deployment: Deployment,
  outdir: string,
  releases?: ReleaseState,
  held?: Held,
): { app: App; bootstrap: Stack; deployment: Stack } {
  const it = new App({
    outdir,
    // No CDK metadata resource: nothing is reported to AWS about the construct library.
    analyticsReporting: false,
    // CDK's own check of templates takes seconds in each command. convoke's tests check every template more strictly.
    builtinCloudFormationValidation: false,
  });
  const { name, region, recording } = deployment;
  const bootstrap = new BootstrapStack(it, { deployment: name, region });
  if (recording) new RecordingsStack(it, { deployment: name, region, keepDays: recording.keepDays });
  return { app: it, bootstrap, deployment: new DeploymentStack(it, deployment, releases, held) };
}

/** Synthesizes both templates, without credentials or network. */
export function templates(deployment: Deployment, releases?: ReleaseState, held?: Held): Templates {
  const scratch = makeScratch();
  try {
    const made = app(deployment, scratch.path, releases, held);
    const assembly = made.app.synth();
    const template = (stack: Stack) => assembly.getStackArtifact(stack.artifactId).template as Template;
    return { bootstrap: template(made.bootstrap), deployment: template(made.deployment) };
  } finally {
    scratch.remove();
  }
}
