import { fromInstanceMetadata } from '@aws-sdk/credential-providers';

// The SDK warns that its versions of 2027 need Node.js 22. Debian 13 has 20.19, for which this one is made (docs/findings.md).
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** The machine's role, as the metadata service hands it out. A role that was just made may need some seconds to show. */
export const instanceCredentials = fromInstanceMetadata({ timeout: 3_000, maxRetries: 10 });
