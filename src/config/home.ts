import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder for convoke's local data: `$CONVOKE_HOME`, or `.convoke` in the user's home directory. */
export const convokeHome = (): string => resolve(process.env.CONVOKE_HOME || join(homedir(), '.convoke'));
