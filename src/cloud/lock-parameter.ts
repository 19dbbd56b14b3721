import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { Account } from './account.js';
import { answerTime } from './answer-time.js';
import { client, ifThere } from './clients.js';

/** One version of a parameter. Version numbers start at 1 and have no gaps until the parameter is deleted. */
export interface Version {
  readonly number: number;
  readonly text: string;
  /** Milliseconds between writing and reading it. Both times are AWS's, because the clock of this machine may be wrong. */
  readonly age: number;
}

/** A parameter with readable versions. A version that was just written may not be visible yet. */
export interface VersionedParameter {
  /** Undefined if the parameter does not exist. */
  latest(): Promise<Version | undefined>;
  version(number: number): Promise<Version | undefined>;
  /** Returns false, without writing, if the parameter exists. */
  create(text: string): Promise<boolean>;
  /** Returns the number of the new version. If a response is lost, more than one version may be written. */
  overwrite(text: string): Promise<number>;
  remove(): Promise<void>;
}

/** A Systems Manager parameter. */
export function parameter(account: Account, name: string): VersionedParameter {
  const ssm = client(account, SSMClient);
  const get = async (Name: string): Promise<Version | undefined> => {
    const command = new GetParameterCommand({ Name });
    const answered = answerTime(command);
    const { Parameter } = (await ifThere(ssm.send(command))) ?? {};
    if (!Parameter) return undefined;
    const { Version = 1, Value = '', LastModifiedDate = new Date(0) } = Parameter;
    const read = answered() ?? account.clock.now();
    return { number: Version, text: Value, age: read.getTime() - LastModifiedDate.getTime() };
  };
  const put = (Value: string, Overwrite: boolean) =>
    ssm.send(new PutParameterCommand({ Name: name, Type: 'String', Value, Overwrite }));
  return {
    latest: () => get(name),
    version: (number) => get(`${name}:${number}`),
    async create(text) {
      try {
        await put(text, false);
        return true;
      } catch (error) {
        if ((error as Error).name === 'ParameterAlreadyExists') return false;
        throw error;
      }
    },
    async overwrite(text) {
      return (await put(text, true)).Version ?? 0;
    },
    async remove() {
      await ifThere(ssm.send(new DeleteParameterCommand({ Name: name })));
    },
  };
}
