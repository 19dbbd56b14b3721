import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { Account } from './account.js';
import { client, ifThere } from './clients.js';

/** One version of a parameter. Versions are counted from 1, without a gap, until the parameter is deleted. */
export interface Version {
  readonly number: number;
  readonly text: string;
  /** When it was written, by AWS's clock. */
  readonly at: Date;
}

/** A parameter whose versions can be read one by one. What was written a moment ago may not be seen yet. */
export interface VersionedParameter {
  /** Undefined where there is no such parameter. */
  latest(): Promise<Version | undefined>;
  version(number: number): Promise<Version | undefined>;
  /** Answers false, and writes nothing, where the parameter is there. */
  create(text: string): Promise<boolean>;
  /** Answers the number that the version got. More than one may have been made, where an answer was lost. */
  overwrite(text: string): Promise<number>;
  remove(): Promise<void>;
}

/** A parameter of Systems Manager. */
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
