import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** One version of a parameter. Version numbers start at 1 and have no gaps until the parameter is deleted. */
export interface Version {
  readonly number: number;
  readonly text: string;
  /** When it was written, according to AWS. */
  readonly at: Date;
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
    const { Parameter } = (await ifThere(ssm.send(new GetParameterCommand({ Name })))) ?? {};
    if (!Parameter) return undefined;
    const { Version = 1, Value = '', LastModifiedDate = new Date(0) } = Parameter;
    return { number: Version, text: Value, at: LastModifiedDate };
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
