import { readFileSync } from 'node:fs';
import type { Deployment } from '../../config/deployment.js';
import { bootstrapStackName, stackName } from '../../contract/names.js';

/** CDK's command line; it is numbered apart from the construct library. */
const CDK_CLI = '2.1148.1';

const { dependencies } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { dependencies: Record<string, string> };

/** With the versions that convoke was tested with, so that the templates stay what they are. */
export const packageJson = (deployment: Deployment) => ({
  name: stackName(deployment.name),
  private: true,
  type: 'module',
  scripts: {
    synth: 'cdk synth --quiet',
    diff: 'cdk diff',
    deploy: `cdk deploy ${bootstrapStackName(deployment.name)} && cdk deploy ${stackName(deployment.name)}`,
  },
  dependencies: Object.fromEntries(
    ['aws-cdk-lib', 'constructs', 'zod'].map((name) => [name, dependencies[name]]),
  ),
  devDependencies: { 'aws-cdk': CDK_CLI },
});

/** What convoke says to CDK too: no metadata in the template, and a bootstrap of the deployment's own. */
export const cdkJson = (deployment: Deployment) => ({
  app: 'node app.mjs',
  toolkitStackName: bootstrapStackName(deployment.name),
  versionReporting: false,
  pathMetadata: false,
  assetMetadata: false,
});

export const appText = `// The deployment in deployment.json as two stacks. Both can be written without credentials or network.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { DeploymentStack } from './lib/stack/deployment-stack.js';
import { BootstrapStack } from './lib/stack/bootstrap-stack.js';

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const deployment = JSON.parse(readFileSync(beside('deployment.json'), 'utf8'));
const { meetings, packages } = deployment;
if (meetings.logo) meetings.logo.path = beside(meetings.logo.path);
if (packages.kind === 'directory') packages.path = beside(packages.path);

const app = new App({ analyticsReporting: false });
new BootstrapStack(app, { deployment: deployment.name, region: deployment.region });
new DeploymentStack(app, deployment);
`;
