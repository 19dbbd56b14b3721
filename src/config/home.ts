import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where convoke keeps what it has on this machine: `$CONVOKE_HOME`, or `.convoke` in the person's home. */
export const convokeHome = (): string => resolve(process.env.CONVOKE_HOME || join(homedir(), '.convoke'));
