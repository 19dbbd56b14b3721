import { afterEach, describe, expect, it } from 'vitest';
import { type FakeAnswer, FakeApi, type FakeRequest } from '../../../test/fake-api.js';
import { KINDS, sweep } from './sweep.js';

const TARGET = { deployment: 'meet', domain: 'meet.example.org' };
const IDENTITY =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';

let api: FakeApi | undefined;
afterEach(() => api?.stop());

async function swept(names: readonly string[], answer: (request: FakeRequest) => FakeAnswer) {
  api = await FakeApi.start((request) => (request.service === 'sts' ? { body: IDENTITY } : answer(request)));
  return sweep(api.account, TARGET, { kinds: KINDS.filter(({ name }) => names.includes(name)) });
}

describe('a kind that the sweep may not list', () => {
  it.each([403, 301])(
    'is one line if S3 answers %i without a message, and the next kind is swept',
    async (status) => {
      const found = await swept(['secrets', 'buckets', 'stacks'], ({ service }) => {
        if (service === 's3') return { status };
        if (service === 'secretsmanager') return { body: { SecretList: [] } };
        return {
          status: 400,
          body: '<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack does not exist</Message></Error></ErrorResponse>',
        };
      });
      expect(found).toEqual([
        { kind: 'secrets', removed: [], left: [] },
        {
          kind: 'buckets',
          removed: [],
          left: [
            {
              id: 'unknown',
              reason:
                'the search failed: convoke-meet-123456789012-eu-central-1 belongs to another account, or these credentials may not access it',
            },
          ],
        },
        { kind: 'stacks', removed: [], left: [] },
      ]);
    },
  );

  it.each(['AccessDeniedException', 'OptInRequired', 'SomethingNew'])(
    'is one line after %s',
    async (code) => {
      const found = await swept(['secrets', 'parameters'], ({ service }) =>
        service === 'ssm'
          ? { body: { Parameters: [] } }
          : { status: 400, body: { __type: code, message: 'No.' } },
      );
      expect(found).toEqual([
        { kind: 'secrets', removed: [], left: [{ id: 'unknown', reason: 'the search failed: No.' }] },
        { kind: 'parameters', removed: [], left: [] },
      ]);
    },
  );

  it('ends the sweep if no other call would be answered either', async () => {
    const expired = { __type: 'ExpiredTokenException', message: 'The security token is expired' };
    await expect(swept(['secrets', 'parameters'], () => ({ status: 400, body: expired }))).rejects.toThrow(
      /expired/,
    );
  });
});

it('ends the recovery window of a secret that somebody deleted by hand, which nobody is shown unless they ask', async () => {
  let there = true;
  const found = await swept(['secrets'], ({ action, body }) => {
    const asked = JSON.parse(body);
    if (action === 'DeleteSecret') {
      expect(asked).toEqual({ SecretId: 'convoke-meet-seed', ForceDeleteWithoutRecovery: true });
      there = false;
      return { body: {} };
    }
    const scheduled = { Name: 'convoke-meet-seed', ARN: 'arn:x', DeletedDate: 1_700_000_000 };
    return { body: { SecretList: there && asked.IncludePlannedDeletion ? [scheduled] : [] } };
  });
  expect(found).toEqual([{ kind: 'secrets', removed: ['convoke-meet-seed'], left: [] }]);
});

it('deletes no role of a deployment with the same name in another region', async () => {
  const roles = new Set(['convoke-meet-shard-a-eu-central-1', 'convoke-meet-shard-a-us-east-1']);
  const found = await swept(['roles'], ({ action, body }) => {
    const member = (name: string) =>
      `<member><RoleName>${name}</RoleName><Path>/</Path><Arn>x</Arn><RoleId>x</RoleId><CreateDate>2026-12-01T00:00:00Z</CreateDate></member>`;
    if (action === 'DeleteRole') roles.delete(new URLSearchParams(body).get('RoleName') ?? '');
    const result =
      action === 'ListRoles' ? `<Roles>${[...roles].map(member).join('')}</Roles>` : '<PolicyNames/>';
    return { body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>` };
  });
  expect(found).toEqual([{ kind: 'roles', removed: ['convoke-meet-shard-a-eu-central-1'], left: [] }]);
});
