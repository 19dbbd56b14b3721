import { openCloud } from '../../src/rehearsal/cloud.js';

/** The rehearsal's account, as clients of the SDK take it. */
export function rehearsedAccount() {
  const cloud = openCloud();
  if (!cloud) throw new Error('No rehearsal is running.');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint: cloud.endpoint, region: cloud.options.region, credentials };
}
