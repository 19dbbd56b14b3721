import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { loadDeployment, parseDeployment } from '../config/load.js';
import { isScenario, SCENARIO_NAMES, type ScenarioName } from '../rehearsal/scenarios/scenarios.js';
import { seconds } from './output/output.js';
import { type Verb, verbCommand } from './verb.js';

/** Simulated where no file is named and none is there. */
const EXAMPLE = 'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\n';

export const verb: Verb = {
  command: verbCommand(
    'rehearse',
    'Simulates everything on this machine: up, a meeting, a dead machine, down to nothing.',
  )
    .option('--report <folder>', 'where the report goes', 'rehearsal-report')
    .option(
      '--scenario <names>',
      `what to scenario between up and down: ${SCENARIO_NAMES.join(', ')}`,
      parseScenarios,
    )
    .option('--packages <folder>', 'folder of Jitsi’s .deb files, in place of what the file says')
    .option(
      '--image <image>',
      'what machines start from: prepared (packages on it) or debian (bare)',
      'prepared',
    )
    .option('--ports <aws,web>', 'ports on 127.0.0.1', parsePorts, { aws: 4566, web: 8443 })
    .option('--control-plane-only', 'simulate machines; for where they cannot be run', false)
    .option('--install', 'install missing programs with apt', false)
    .option('--keep', 'leave everything running at the end', false),
  async run({ options, output, onProgress, signal }, flags) {
    const file =
      options.config === 'convoke.yaml' && !existsSync(options.config)
        ? parseDeployment(EXAMPLE, 'the built-in example')
        : loadDeployment(options.config, (warning) => output.say(`${output.paint.yellow('!')} ${warning}`));
    const deployment =
      typeof flags.packages === 'string'
        ? {
            ...file,
            packages: parseDeployment(
              `${EXAMPLE}packages: {directory: ${JSON.stringify(resolve(flags.packages))}}\n`,
              '--packages',
            ).packages,
          }
        : file;
    const { rehearse } = await import('../rehearsal/rehearse.js');
    const report = await rehearse({
      deployment,
      report: String(flags.report),
      ports: flags.ports as { aws: number; web: number },
      controlPlaneOnly: flags.controlPlaneOnly === true,
      install: flags.install === true,
      prepared: flags.image === 'prepared',
      keep: flags.keep === true,
      ...(flags.scenario !== undefined && { plays: flags.scenario as ScenarioName[] }),
      onProgress,
      announce: (sentence) => output.say(sentence),
      signal,
    });
    const { picture: _, ...data } = report;
    output.answer(
      data,
      [
        output.table(
          ['', 'step', 'took'],
          report.steps.map((s) => [
            s.ok ? output.paint.green('✓') : output.paint.red('✗'),
            s.name,
            seconds(s.seconds),
          ]),
        ),
        `${seconds(report.seconds)} in all. The report is ${resolve(String(flags.report), 'index.html')}.`,
      ].join('\n'),
    );
    return 0;
  },
};

function parseScenarios(text: string): ScenarioName[] {
  return text.split(',').map((name) => {
    if (isScenario(name)) return name;
    throw new InvalidArgumentError(`"${name}" is not a scenario. There are ${SCENARIO_NAMES.join(', ')}.`);
  });
}

function parsePorts(text: string): { aws: number; web: number } {
  const [aws, web, ...more] = text.split(',').map(Number);
  const isPort = (port: number | undefined): port is number =>
    Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;
  if (!isPort(aws) || !isPort(web) || aws === web || more.length)
    throw new InvalidArgumentError('Two different ports are wanted, such as 4566,8443.');
  return { aws, web };
}
