import { BudgetsClient, CreateBudgetCommand, DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sweep } from '../../src/cloud/sweep/sweep.js';
import { budgetName } from '../../src/contract/names.js';
import { DOMAIN, EmulatedAccount } from './control-plane/account.js';

const AccountId = '000000000000';
const OWN = budgetName('meet', 'eu-central-1', 'ops@example.org');
const OTHERS = [
  budgetName('meeting', 'eu-central-1', 'ops@example.org'),
  budgetName('meet', 'eu-west-1', 'ops@example.org'),
  'somebody-elses',
];

let emulated: EmulatedAccount;
beforeAll(async () => {
  emulated = await EmulatedAccount.start();
}, 300_000);
afterAll(() => emulated?.stop());

it('a budget that was left behind is swept, but no budget of another deployment, region or owner', async () => {
  const budgets = new BudgetsClient(emulated.config());
  for (const BudgetName of [OWN, ...OTHERS]) {
    await budgets.send(
      new CreateBudgetCommand({
        AccountId,
        Budget: {
          BudgetName,
          BudgetType: 'COST',
          TimeUnit: 'MONTHLY',
          BudgetLimit: { Amount: '50', Unit: 'USD' },
        },
      }),
    );
  }
  const swept = await sweep(emulated.account(), { deployment: 'meet', domain: DOMAIN });
  expect(swept.find(({ kind }) => kind === 'budgets')).toEqual({ kind: 'budgets', removed: [OWN], left: [] });
  const left = await budgets.send(new DescribeBudgetsCommand({ AccountId }));
  expect(left.Budgets?.map(({ BudgetName }) => BudgetName).sort()).toEqual([...OTHERS].sort());
}, 60_000);
