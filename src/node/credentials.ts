import { fromInstanceMetadata } from '@aws-sdk/credential-providers';

// The SDK's version is pinned to one that knows Debian 13's Node 20, so its advice is not for this machine's console.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** The machine's role, as the metadata service hands it out. A role that was just made may need some seconds to show. */
export const instanceCredentials = fromInstanceMetadata({ timeout: 3_000, maxRetries: 10 });
