import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

const AWS_CLI = '1.46.3';

/** Installs the AWS CLI at its pinned version into the cache. Returns the folder of its environment. */
export async function installAwsCli(cache: string): Promise<string> {
  const home = join(cache, `aws-cli-${AWS_CLI}`);
  if (existsSync(home)) return home;
  const draft = `${home}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  try {
    await execa('python3', ['-m', 'venv', draft]);
    await execa(join(draft, 'bin/python'), ['-m', 'pip', 'install', '--quiet', `awscli==${AWS_CLI}`]);
    await rename(draft, home);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return home;
}

/** The AWS CLI in an account, with these credentials. */
export class AwsCli {
  constructor(
    private readonly home: string,
    private readonly endpoint: string,
    private readonly folder: string,
    public credentials: { accessKeyId: string; secretAccessKey: string },
  ) {}

  /** Runs a command. Returns its output, as text without the last line break. */
  async run(...args: string[]): Promise<string> {
    const { stdout } = await execa(join(this.home, 'bin/python'), [join(this.home, 'bin/aws'), ...args], {
      cwd: this.folder,
      extendEnv: false,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: this.folder,
        AWS_ENDPOINT_URL: this.endpoint,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: this.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: this.credentials.secretAccessKey,
      },
    });
    return stdout.trim();
  }

  /** Runs a command and returns one value of its output. */
  ask(query: string, ...args: string[]): Promise<string> {
    return this.run(...args, '--query', query, '--output', 'text');
  }
}
