import { readFileSync } from 'node:fs';
import { type Hocon, parseHocon, valueAt } from './hocon.js';

/** A configuration file as its daemon reads it: a value by path, or the daemon's own default. */
export interface Settings {
  text(path: string, otherwise?: string): string;
  number(path: string, otherwise: number): number;
  flag(path: string, otherwise: boolean): boolean;
  /** A duration such as `10 seconds` or `200 ms`, in milliseconds. Without a unit HOCON means milliseconds. */
  milliseconds(path: string, otherwise: number): number;
  value(path: string): Hocon | undefined;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  milli: 1,
  millis: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1_000,
  second: 1_000,
  seconds: 1_000,
  m: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The file that `JAVA_SYS_PROPS` names for Java. Without one, the real daemons use their defaults; so do the fakes. */
export function configuredSettings(env: Environment): Settings {
  const file = /-Dconfig\.file=(\S+)/.exec(env.JAVA_SYS_PROPS ?? '')?.[1];
  if (file === undefined) return settings('');
  try {
    return settings(readFileSync(file, 'utf8'), env);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function settings(text: string, env: Environment = {}): Settings {
  const root = parseHocon(text, env);
  const value = (path: string) => valueAt(root, path);
  const wrong = (path: string, what: string) => new Error(`${path} must be ${what}`);
  return {
    value,
    text(path, otherwise) {
      const found = value(path) ?? otherwise;
      if (found === undefined || typeof found === 'object') throw wrong(path, 'set');
      return String(found);
    },
    number(path, otherwise) {
      const found = Number(value(path) ?? otherwise);
      if (Number.isNaN(found)) throw wrong(path, 'a number');
      return found;
    },
    flag(path, otherwise) {
      const found = String(value(path) ?? otherwise);
      if (!/^(true|false|yes|no|on|off)$/.test(found)) throw wrong(path, 'true or false');
      return /^(true|yes|on)$/.test(found);
    },
    milliseconds(path, otherwise) {
      const found = value(path);
      if (found === undefined) return otherwise;
      const [, amount, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/.exec(String(found)) ?? [];
      const factor = unit ? UNITS[unit] : 1;
      if (amount === undefined || factor === undefined) throw wrong(path, 'a duration, such as "10 seconds"');
      return Number(amount) * factor;
    },
  };
}
