import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import waiting from '../waiting.text.js';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (user: object) => `${part({ alg: 'HS256' })}.${part({ context: { user } })}.c2ln`;
const INVITATION = token({ moderator: false });
const GUEST = token({ needs_host: true, name: 'Zoë' });

/** The page that waits. `answers`: to the questions whether the meeting has started; undefined: no network. */
async function wait(
  address: string,
  { answers = [] as readonly (object | undefined | number)[], kept = {} as Record<string, string> } = {},
) {
  const asked: string[] = [];
  const loaded: string[] = [];
  const location = { href: address, replace: (to: string) => loaded.push(to) };
  const context = createContext({
    location,
    URL,
    atob,
    document: { documentElement: { dataset: { room: 'r%c3%a4t' } } },
    sessionStorage: { getItem: (key: string) => kept[key] ?? null },
    setTimeout: (work: () => void) => setImmediate(work),
    fetch: async (path: string) => {
      asked.push(path);
      if (asked.length > answers.length) return new Promise(() => {});
      const answer = answers[asked.length - 1];
      if (answer === undefined) throw new TypeError('no network');
      return typeof answer === 'number' ? { ok: false } : { ok: true, json: async () => answer };
    },
  });
  runInContext(waiting, context);
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  return { asked, loaded };
}

const ROOM = 'https://meet.example.org/r%C3%A4t';

describe('the page on which guests wait', () => {
  it('asks until the meeting has started, also without a network, and then opens it', async () => {
    const answers = [{ started: false }, undefined, 429, 503, { started: true, jwt: GUEST }];
    const { asked, loaded } = await wait(`${ROOM}#config.startMuted=true`, { answers });
    expect(asked).toEqual(Array(5).fill('/convoke/guest?room=r%c3%a4t'));
    expect(loaded).toEqual([`${ROOM}?jwt=${GUEST}#config.startMuted=true`]);
  });

  it('goes on at once with an invitation that the tab has kept, or that is after the #', async () => {
    const kept = { 'convoke-invitation /r%C3%A4t': INVITATION };
    expect(await wait(ROOM, { kept })).toEqual({ asked: [], loaded: [`${ROOM}?jwt=${INVITATION}`] });
    const inFragment = `${ROOM}#jwt=${INVITATION}`;
    expect((await wait(inFragment)).loaded).toEqual([`${ROOM}?jwt=${INVITATION}#jwt=${INVITATION}`]);
  });

  it('asks if the invitation in the address was refused', async () => {
    const kept = { 'convoke-invitation /r%C3%A4t': INVITATION };
    const { asked, loaded } = await wait(`${ROOM}?jwt=${INVITATION}`, {
      kept,
      answers: [{ started: true, jwt: GUEST }],
    });
    expect(asked).toHaveLength(1);
    expect(loaded).toEqual([`${ROOM}?jwt=${GUEST}`]);
  });
});
