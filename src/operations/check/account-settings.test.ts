import { afterEach, describe, expect, it } from 'vitest';
import { type FakeAnswer, FakeApi } from '../../../test/fake-api.js';
import { billing } from './billing.js';
import { disks } from './disk-encryption.js';

const IDENTITY =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';

let api: FakeApi | undefined;
afterEach(() => api?.stop());

async function accountThatSays(answer: FakeAnswer) {
  api = await FakeApi.start(({ service }) => (service === 'sts' ? { body: IDENTITY } : answer));
  return api.account;
}

describe('the account’s default key for disks', () => {
  const says = (key: string) =>
    accountThatSays({
      body: `<GetEbsDefaultKmsKeyIdResponse><kmsKeyId>${key}</kmsKeyId></GetEbsDefaultKmsKeyIdResponse>`,
    });

  it.each(['alias/aws/ebs', 'arn:aws:kms:eu-central-1:123456789012:alias/aws/ebs'])(
    'is fine if it is AWS’s (%s)',
    async (key) => expect(await disks(await says(key))).toMatchObject([{ state: 'fine' }]),
  );

  it('is named with advice if it may be a customer managed key, because machines would not start', async () => {
    const key = 'arn:aws:kms:eu-central-1:123456789012:key/0a1b';
    expect(await disks(await says(key))).toMatchObject([
      {
        state: 'unknown',
        said: expect.stringContaining(key),
        now: expect.stringContaining('AWSServiceRoleForAutoScaling'),
      },
    ]);
  });
});

describe('billing', () => {
  const budget = { monthly: 50 };

  it('is not checked if the file has no budget', async () => {
    const account = await accountThatSays({ status: 500 });
    expect(await billing(account, {})).toEqual([]);
    expect(api?.requests).toEqual([]);
  });

  it('is fine if AWS shows budgets', async () => {
    const account = await accountThatSays({ body: { Budgets: [] } });
    expect(await billing(account, { budget })).toMatchObject([{ state: 'fine' }]);
  });

  it('has to be enabled by the user if AWS shows none, because the deployment would fail', async () => {
    const account = await accountThatSays({
      status: 400,
      body: { __type: 'AccessDeniedException', message: 'Account access denied' },
    });
    expect(await billing(account, { budget })).toMatchObject([
      { state: 'wrong', now: expect.stringContaining('As the root user, activate') },
    ]);
  });
});
