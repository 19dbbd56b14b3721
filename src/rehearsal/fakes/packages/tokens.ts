import type { DebianPackage } from '../deb.js';
import authToken from './prosody/mod_auth_token.text.js';
import tokenVerification from './prosody/mod_token_verification.text.js';
import { plugin } from './prosody.js';

/**
 * A fake of `jitsi-meet-tokens`: modules that check tokens as strictly as the real ones, without the Lua libraries that
 * those need. They support only HS256, the algorithm that convoke signs with.
 */
export function tokensPackage(): DebianPackage {
  return {
    name: 'jitsi-meet-tokens',
    depends: ['jitsi-meet-prosody'],
    summary: "fake of Jitsi Meet's token authentication for rehearsals",
    files: [plugin('auth_token', authToken), plugin('token_verification', tokenVerification)],
  };
}
