import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type ErrorCode, LineCounter, parseDocument } from 'yaml';
import { nameFrom } from '../contract/deployment-name.js';
import { ConvokeError } from '../contract/errors.js';
import {
  bridgeTypes,
  budgetContradiction,
  certificateContradiction,
  loginContradiction,
  processorContradictions,
  recorderTypes,
  zoneContradiction,
} from './contradictions.js';
import type { Deployment, Dns, Meetings, PackageSource } from './deployment.js';
import { examineFile } from './examine-file.js';
import { hours, hoursContradictions } from './hours-in-file.js';
import { examineLogo } from './logo.js';
import { memoryContradictions, shardRole } from './memory.js';
import { type Problem, position, problemsOf, report } from './messages.js';
import { folderComplaint } from './packages-folder.js';
import { prometheus } from './prometheus.js';
import { readText } from './read-text.js';
import { recording, recordingContradictions } from './recording.js';
import type { Remark } from './remark.js';
import { ConvokeFile } from './schema.js';
import { bridges, DEFAULT_SHARD_TYPE, shards, sizeContradictions, sizeWarnings } from './size.js';
import { regionComplaint } from './spelling.js';
import { ssh, sshWarnings } from './ssh.js';
import { turn } from './turn.js';

/** Receives warnings about valid settings, each a sentence with its position. */
export type Warn = (sentence: string) => void;

/** Reads `convoke.yaml`. Throws `ConfigUnreadable` or `ConfigInvalid`. */
export function loadDeployment(path: string, warn?: Warn): Deployment {
  return parseDeployment(readText(path), path, warn);
}

/**
 * Parses the text of a `convoke.yaml`. `path` is used in messages, and relative paths in the text are resolved from
 * its folder.
 */
export function parseDeployment(text: string, path: string, warn: Warn = () => {}): Deployment {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
    // The parser would print warnings to the terminal.
    logLevel: 'error',
  });
  const syntax = document.errors.map((error) => ({
    ...position(lines, error.pos[0]),
    message: syntaxSentence(error.code, error.message),
  }));
  if (syntax.length > 0) throw invalid(syntax, path, text);
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 20 });
  } catch {
    const message = 'An alias refers to itself or to nothing, or the file has too many aliases.';
    throw invalid([{ line: 1, column: 1, message }], path, text);
  }
  if (data === null)
    throw invalid(
      [
        {
          line: 1,
          column: 1,
          message: 'The file is empty. At least domain, region and alerts are required.',
        },
      ],
      path,
      text,
    );
  const parsed = ConvokeFile.safeParse(data, { reportInput: true });
  if (!parsed.success) throw invalid(problemsOf(parsed.error.issues, document, lines), path, text);

  const file = parsed.data;
  const at = (...keys: readonly string[]) => {
    const node = document.getIn(keys, true) as { range?: [number, number, number] } | undefined;
    return position(lines, node?.range?.[0] ?? 0);
  };
  const problems = contradictions(file).map(({ keys, message }) => ({ ...at(...keys), message }));
  const packages = packageSource(file, dirname(resolve(path)));
  if ('complaint' in packages) problems.push({ ...at('packages'), message: packages.complaint });
  const page = meetings(file, dirname(resolve(path)));
  if ('complaint' in page) problems.push({ ...at('meetings', 'logo'), message: page.complaint });
  if (problems.length > 0 || 'complaint' in packages || 'complaint' in page)
    throw invalid(problems, path, text);
  for (const { keys, message } of [...sizeWarnings(file), ...sshWarnings(file)]) {
    const { line, column } = at(...keys);
    warn(`${path}:${line}:${column}  ${message}`);
  }

  const { architecture } = file.machines;
  const pool = bridges(file, architecture);
  return {
    name: file.name ?? nameFrom(file.domain),
    domain: file.domain,
    region: file.region,
    alerts: file.alerts,
    language: file.language,
    diagnostics: file.diagnostics,
    size: file.size ?? 'solo',
    shards: shards(file),
    ...(pool && { bridges: pool }),
    dns: dns(file),
    ...(file.certificate && { certificate: file.certificate }),
    machines: {
      architecture,
      shard: file.machines.shard ?? DEFAULT_SHARD_TYPE[architecture],
    },
    packages,
    image: file.image,
    access: file.access,
    ...(file.hours && { hours: hours(file.hours) }),
    ...(file.login && { login: file.login }),
    meetings: page,
    ...(file.recording && { recording: recording(file.recording, architecture, file.region) }),
    turn: turn(file),
    dashboard: file.dashboard === 'on',
    shell: file.shell === 'on',
    ...(file.budget && { budget: file.budget }),
    ...(file.prometheus && { prometheus: prometheus(file.prometheus) }),
    ...(file.ssh && { ssh: ssh(file.ssh) }),
  };
}

function dns(file: ConvokeFile): Dns {
  if (file.dns === 'manual') return { kind: 'manual' };
  if (typeof file.dns === 'object') return { kind: 'route53', zone: file.dns.zone };
  return { kind: 'route53', zone: file.domain.split('.').slice(1).join('.') };
}

/** Finds settings that are valid alone but not together. */
function contradictions(file: ConvokeFile): Remark[] {
  const found: Remark[] = [];
  const region = regionComplaint(file.region);
  if (region) found.push({ keys: ['region'], message: `region ${region}${region.endsWith('?') ? '' : '.'}` });
  const to = dns(file);
  if (to.kind === 'route53') found.push(...zoneContradiction(to.zone, file.domain, ['dns', 'zone']));
  if (to.kind === 'route53' && !to.zone.includes('.')) {
    found.push({
      keys: ['domain'],
      message: `domain ${file.domain} has no parent domain that could be the zone: set it with "dns: {zone: ${file.domain}}".`,
    });
  }
  const { architecture, shard } = file.machines;
  return [
    ...found,
    ...certificateContradiction(file.certificate, file.region),
    ...loginContradiction(file),
    ...hoursContradictions(file),
    ...recordingContradictions(file.recording),
    ...(file.budget ? budgetContradiction(file.region, ['budget']) : []),
    ...processorContradictions({ is: architecture, keys: ['machines', 'architecture'] }, [
      ...(shard ? [{ type: shard, keys: ['machines', 'shard'] }] : []),
      ...bridgeTypes(file.bridges?.types),
      ...recorderTypes(file.recording?.type),
    ]),
    ...memoryContradictions([
      ...(shard
        ? [{ type: shard, keys: ['machines', 'shard'], role: shardRole((file.size ?? 'solo') === 'solo') }]
        : []),
      ...bridgeTypes(file.bridges?.types).map((one) => ({ ...one, role: 'bridge' as const })),
      ...recorderTypes(file.recording?.type).map((one) => ({ ...one, role: 'recorder' as const })),
    ]),
    ...sizeContradictions(file),
  ];
}

function meetings(file: ConvokeFile, base: string): Meetings | { complaint: string } {
  const { logo, ...settings } = file.meetings;
  if (logo === undefined) return settings;
  const path = resolve(base, logo);
  const seen = examineLogo(path);
  return 'complaint' in seen
    ? { complaint: `meetings.logo ${path} ${seen.complaint}.` }
    : { ...settings, logo: { path, type: seen.type } };
}

function packageSource(file: ConvokeFile, base: string): PackageSource | { complaint: string } {
  const packages = file.packages ?? 'official';
  if (packages === 'official') return { kind: 'official' };
  if (!('directory' in packages) && !('apt' in packages))
    return { kind: 'official', release: packages.release };
  if ('directory' in packages) {
    const path = resolve(base, packages.directory);
    const complaint = folderComplaint(path);
    return complaint
      ? { complaint: `packages.directory ${path} ${complaint}.` }
      : { kind: 'directory', path };
  }
  const keyFile = resolve(base, packages.key);
  try {
    const file = examineFile(keyFile);
    if ('complaint' in file) return { complaint: `packages.key ${keyFile} ${file.complaint}.` };
    const key = readFileSync(keyFile, 'utf8');
    if (!key.includes('BEGIN PGP PUBLIC KEY BLOCK'))
      return { complaint: `packages.key ${keyFile} is not an armoured public key.` };
    const { apt: url, suite, release } = packages;
    return { kind: 'apt', url, suite, key, ...(release && { release }) };
  } catch {
    return { complaint: `packages.key ${keyFile} is not a file that can be read.` };
  }
}

/** The most frequent YAML errors, without the terms of the YAML specification. */
const SYNTAX: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: 'This key is defined twice; remove one.',
  TAB_AS_INDENT: 'YAML does not allow tabs for indentation; use spaces.',
  MULTIPLE_DOCS: 'A second document starts here; a convoke.yaml has only one.',
  UNEXPECTED_TOKEN: 'This is not valid YAML: unexpected text.',
  BLOCK_AS_IMPLICIT_KEY:
    'This is not valid YAML: a line has two colons. Put the value in quotes, or start a new line.',
  MULTILINE_IMPLICIT_KEY: 'This is not valid YAML: expected a key, a colon, a space and a value.',
};

function syntaxSentence(code: ErrorCode, message: string): string {
  if (/call stack/.test(message)) return 'This is nested too deeply.';
  if (/Implicit map keys need/.test(message)) return SYNTAX.MULTILINE_IMPLICIT_KEY ?? '';
  if (/Missing closing .*quote/.test(message))
    return 'This is not valid YAML: a closing quotation mark is missing.';
  return SYNTAX[code] ?? `This is not valid YAML: ${message}.`;
}

function invalid(problems: readonly Problem[], path: string, text: string): ConvokeError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new ConvokeError('ConfigInvalid', {
    what: `${path} has ${count}.`,
    why: report(problems, path, text),
    now: 'Correct the file and run the same command again. Nothing was changed.',
    fault: 'user',
  });
}
