import { openCloud } from '../../src/rehearsal/cloud.js';

/** The rehearsal's account, as configuration of SDK clients. */
export function rehearsedAccount() {
  const cloud = openCloud();
  if (!cloud) throw new Error('No rehearsal is running.');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint: cloud.endpoint, region: cloud.options.region, credentials };
}
