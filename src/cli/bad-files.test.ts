import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { badFile } from '../../test/sample-files.js';
import { verb as check } from './check.js';
import { verb as cost } from './cost.js';
import { verb as down } from './down.js';
import { verb as drill } from './drill.js';
import { verb as invite } from './invite.js';
import { verb as login } from './login.js';
import { verb as logs } from './logs.js';
import { Output } from './output/output.js';
import { verb as policy } from './policy.js';
import { verb as preview } from './preview.js';
import { verb as rehearse } from './rehearse.js';
import { verb as report } from './report.js';
import { verb as status } from './status.js';
import { verb as up } from './up.js';
import { type CommonOptions, makeContext, type Verb } from './verb.js';

/** Every verb that reads the file, with its required arguments. */
const VERBS: Readonly<Record<string, readonly [Verb, ...string[]]>> = {
  check: [check],
  preview: [preview],
  'preview --offline': [preview, '--offline'],
  cost: [cost],
  up: [up],
  'up in a rehearsal': [up, '--cloud', 'rehearsal'],
  'up --no-check': [up, '--no-check'],
  status: [status],
  logs: [logs],
  report: [report],
  invite: [invite, 'standup'],
  'login set-secret': [login, 'set-secret'],
  drill: [drill, 'shard', '--yes'],
  down: [down],
  policy: [policy],
  'policy --apply': [policy, '--apply'],
  rehearse: [rehearse],
};

const folder = mkdtempSync(join(tmpdir(), 'convoke-bad-files-'));
const file = join(folder, 'convoke.yaml');
let asked = 0;
/** Counts the requests of AWS's SDK. Other programs may connect to its port; they do not count. */
const aws = createServer((request, response) => {
  if (request.headers['user-agent']?.includes('aws-sdk-js')) asked += 1;
  response.writeHead(500).end();
});

beforeAll(async () => {
  await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(aws.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'y');
  vi.stubEnv('CONVOKE_HOME', join(folder, 'home'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  aws.close();
  rmSync(folder, { recursive: true });
});

/** Runs the verb with the file. Returns the exit code and what the user sees. */
async function type(name: string): Promise<{ code: number; seen: string }> {
  const [verb, ...args] = VERBS[name] ?? [check];
  let seen = '';
  const screen = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    seen += text;
    return true;
  });
  try {
    verb.command.parse([...args, '--config', file], { from: 'user' });
    const flags = verb.command.opts<CommonOptions & Record<string, unknown>>();
    await verb.run(
      makeContext(flags, new AbortController().signal, new Output({ json: false, color: false })),
      flags,
      verb.command.args,
    );
    return { code: 0, seen };
  } catch (error) {
    return { code: new Output({ json: false, color: false }).error(error), seen };
  } finally {
    screen.mockRestore();
  }
}

describe('an invalid file', () => {
  it('is refused by every verb with its position and advice, before any request to AWS', async () => {
    await fc.assert(
      fc.asyncProperty(
        badFile,
        fc.constantFrom(...Object.keys(VERBS)),
        async ({ text, names, line }, verb) => {
          writeFileSync(file, text);
          const { code, seen } = await type(verb);
          expect(code).toBe(2);
          expect(
            names.some((name) => seen.includes(name)),
            seen,
          ).toBe(true);
          const places = [...seen.matchAll(/convoke\.yaml:(\d+):\d+ {2}\S/g)].map(([, at]) => Number(at));
          expect(places.length).toBeGreaterThan(0);
          expect(Math.max(...places)).toBeLessThanOrEqual(text.split('\n').length);
          if (line !== undefined) expect(Math.min(...places)).toBeGreaterThanOrEqual(line);
          expect(seen).toMatch(/\nWhat now: \S/);
          // No stack trace, no internal values, and no control characters.
          expect(seen).not.toMatch(/\n\s+at \S+:\d|\[object|undefined|Invalid input|expected \w+, received/);
          expect(seen).not.toMatch(/[^\P{C}\n]/u);
          expect(Math.max(...seen.split('\n').map((row) => row.length))).toBeLessThan(600);
          expect(asked).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);
});
