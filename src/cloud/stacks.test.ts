import { afterEach, expect, it } from 'vitest';
import { type FakeAnswer, FakeApi } from '../../test/fake-api.js';
import { deleteStack } from './stacks.js';

const ID = 'arn:aws:cloudformation:eu-central-1:123456789012:stack/convoke-meet/1';

let api: FakeApi | undefined;
afterEach(() => api?.stop());

/** A stack with events, which answers a hundred of them at a time as CloudFormation does, the newest first. */
class FakeStack {
  status = 'CREATE_COMPLETE';
  private readonly events: string[] = [];

  happen(resource: string, status: string): void {
    const id = this.events.length;
    this.events.unshift(
      `<member><EventId>${id}</EventId><LogicalResourceId>${resource}</LogicalResourceId><ResourceStatus>${status}</ResourceStatus></member>`,
    );
  }

  answer(body: string): FakeAnswer {
    const asked = new URLSearchParams(body);
    switch (asked.get('Action')) {
      case 'DescribeStacks':
        return answer(
          'DescribeStacks',
          `<Stacks><member><StackId>${ID}</StackId><StackName>convoke-meet</StackName><StackStatus>${this.status}</StackStatus></member></Stacks>`,
        );
      case 'DescribeStackEvents': {
        const from = Number(asked.get('NextToken') ?? 0);
        const next = from + 100 < this.events.length ? `<NextToken>${from + 100}</NextToken>` : '';
        const page = this.events.slice(from, from + 100).join('');
        return answer('DescribeStackEvents', `<StackEvents>${page}</StackEvents>${next}`);
      }
      default:
        // Between two looks, far more happens than a page has room for; what failed came first.
        this.happen('Role', 'DELETE_FAILED');
        for (let each = 0; each < 350; each++) this.happen(`Rule${each}`, 'DELETE_COMPLETE');
        this.happen('convoke-meet', 'DELETE_FAILED');
        this.status = 'DELETE_FAILED';
        return answer('DeleteStack', '');
    }
  }
}

const answer = (action: string, result: string): FakeAnswer => ({
  body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`,
});

it('reports every event of a deletion, in any number per poll, and none from before', async () => {
  const stack = new FakeStack();
  for (let each = 0; each < 250; each++) stack.happen(`Rule${each}`, 'CREATE_COMPLETE');
  stack.happen('Role', 'DELETE_FAILED');
  const fake = await FakeApi.start(({ body }) => stack.answer(body));
  api = fake;
  const events: string[] = [];
  const failed = await deleteStack(fake.account, 'convoke-meet', {
    onEvent: ({ LogicalResourceId, ResourceStatus }) => events.push(`${LogicalResourceId} ${ResourceStatus}`),
  });
  expect(failed.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['Role']);
  expect(events).toHaveLength(352);
  expect(events.slice(0, 2)).toEqual(['Role DELETE_FAILED', 'Rule0 DELETE_COMPLETE']);
  expect(events.at(-1)).toBe('convoke-meet DELETE_FAILED');
});
