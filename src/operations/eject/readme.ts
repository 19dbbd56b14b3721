import type { Deployment } from '../../config/deployment.js';
import { assetsBucketName, bootstrapStackName, roleName, stackName } from '../../contract/names.js';
import type { Template } from '../synthesize.js';

/** How to own what was ejected. */
export function readme(deployment: Deployment, template: Template): string {
  const { name, domain, region, packages } = deployment;
  const [stack, bootstrap] = [stackName(name), bootstrapStackName(name)];
  const bucket = assetsBucketName(name, '$ACCOUNT', region);
  const asked = Object.entries(template.Parameters ?? {}).filter(([, { Default }]) => Default === undefined);
  const cdkParameters = asked.map(([key]) => ` --parameters ${key}=…`).join('');
  const cliParameters = asked.length
    ? ` \\\n  --parameter-overrides ${asked.map(([key]) => `${key}=…`).join(' ')}`
    : '';
  return `# Jitsi Meet at ${domain}

CloudFormation templates and a CDK app, written by convoke. Nothing here needs convoke any more.

| file | is |
|---|---|
| \`deployment.json\` | what is wanted: size, machines, meetings |
| \`app.mjs\`, \`lib/\` | a CDK app that creates two stacks of it, with all of its constructs: compiled JavaScript, with comments and type declarations. Change it here |
| \`lib/node-bundle/\` | what machines fetch at their first boot: it installs and configures Jitsi, and watches over it. Bundled and minified: its source is convoke's \`src/node\`, and it cannot reasonably be changed here |
| \`templates/\` | what the app makes, ready for CloudFormation, and in \`files/\` what belongs into the bucket |

\`${bootstrap}\` is a bucket and the roles that the rest is deployed with; \`${stack}\` is the rest. Both are in ${region}.
${
  asked.length
    ? `
The deployment asks for what only the account knows, once; after that CloudFormation keeps it:

${asked.map(([key, { Description = '' }]) => `- \`${key}\`: ${Description}`).join('\n')}
`
    : ''
}
## Taking over what runs

The stacks have the names that convoke gave them, so deploying from here changes those that run, in place:

\`\`\`sh
npm install
npx cdk diff        # nothing, as long as nothing was changed here
npm run deploy
\`\`\`

From then on this folder says what is deployed. Do not run \`convoke up\` beside it: that would bring back what the
convoke.yaml says. \`convoke status\` and \`convoke down\` go on working, as they go by names and tags.

## From nothing, with CDK

\`\`\`sh
npm install
npx cdk deploy ${bootstrap}
npx cdk deploy ${stack}${cdkParameters}
\`\`\`

The bootstrap first: the second command uploads into its bucket.

## From nothing, with the AWS CLI
${
  packages.kind === 'directory'
    ? '\nMachines fetch the folder of packages as one archive, which only CDK makes: use CDK.\n'
    : `
\`\`\`sh
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
aws cloudformation deploy --region ${region} --stack-name ${bootstrap} \\
  --template-file templates/bootstrap.json --capabilities CAPABILITY_NAMED_IAM
aws s3 cp --recursive templates/files/ s3://${bucket}/
aws cloudformation deploy --region ${region} --stack-name ${stack} \\
  --template-file templates/deployment.json --s3-bucket ${bucket} --capabilities CAPABILITY_NAMED_IAM \\
  --role-arn arn:aws:iam::$ACCOUNT:role/${roleName(name, 'execute', region)}${cliParameters}
\`\`\`
`
}
## Taking it away

\`\`\`sh
npx cdk destroy ${stack}
aws s3 rm --recursive s3://${bucket}/
npx cdk destroy ${bootstrap}
\`\`\`

CloudFormation leaves the record behind that proved the domain to the certificate authority: \`_….${domain}\`, a CNAME.
`;
}
