import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { loadDeployment, parseDeployment } from '../config/load.js';
import { ConvokeError } from '../contract/errors.js';
import { isScenario, SCENARIO_NAMES, type ScenarioName } from '../rehearsal/scenarios/scenarios.js';
import { seconds } from './output/output.js';
import { type Verb, verbCommand } from './verb.js';

/** Used if no file is named and convoke.yaml does not exist. */
const EXAMPLE = 'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\n';

export const verb: Verb = {
  command: verbCommand(
    'rehearse',
    'Runs the whole life cycle on this machine: up, a meeting, a failed machine, down.',
  )
    .option('--report <folder>', 'folder for the report', 'rehearsal-report')
    .option(
      '--scenario <names>',
      `scenarios to run between up and down: ${SCENARIO_NAMES.join(', ')}`,
      parseScenarios,
    )
    .option('--packages <folder>', 'folder with Jitsi’s .deb files, instead of the packages in convoke.yaml')
    .addOption(
      new Option(
        '--image <image>',
        'image that machines boot from: prepared (with packages) or debian (bare)',
      )
        .choices(['prepared', 'debian'])
        .default('prepared'),
    )
    .addOption(
      new Option('--ports <aws,web>', 'ports on 127.0.0.1 for the AWS APIs and the web page')
        .argParser(parsePorts)
        .default({ aws: 4566, web: 8443 }, '4566,8443'),
    )
    .option('--control-plane-only', 'simulate machines instead of running them in containers', false)
    .option('--install', 'install missing programs with apt', false)
    .option('--keep', 'do not run down at the end', false),
  async run({ options, output, onProgress, signal }, flags) {
    const file =
      options.config === 'convoke.yaml' && !existsSync(options.config)
        ? parseDeployment(EXAMPLE, 'the built-in example')
        : loadDeployment(options.config, (warning) => output.note(`${output.paint.yellow('!')} ${warning}`));
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
    const scenarios = flags.scenario as ScenarioName[] | undefined;
    if (scenarios?.includes('image') && flags.image !== 'debian') {
      throw new ConvokeError('ImagePrepared', {
        what: 'The scenario "image" needs machines that boot from bare Debian.',
        why: 'It compares the installation of packages with an image that has them already.',
        now: 'Add "--image debian".',
        fault: 'user',
      });
    }
    const { rehearse } = await import('../rehearsal/rehearse.js');
    const report = await rehearse({
      deployment,
      report: String(flags.report),
      ports: flags.ports as { aws: number; web: number },
      controlPlaneOnly: flags.controlPlaneOnly === true,
      install: flags.install === true,
      prepared: flags.image === 'prepared',
      keep: flags.keep === true,
      ...(scenarios && { scenarios }),
      onProgress,
      announce: (sentence) => output.note(sentence),
      signal,
    });
    const { picture: _, ...data } = report;
    output.result(
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
        `Took ${seconds(report.seconds)}. The report is ${resolve(String(flags.report), 'index.html')}.`,
      ].join('\n'),
    );
    return 0;
  },
};

function parseScenarios(text: string): ScenarioName[] {
  return text.split(',').map((name) => {
    if (isScenario(name)) return name;
    throw new InvalidArgumentError(`"${name}" is not a scenario. Available: ${SCENARIO_NAMES.join(', ')}.`);
  });
}

function parsePorts(text: string): { aws: number; web: number } {
  const [aws, web, ...more] = text.split(',').map(Number);
  const isPort = (port: number | undefined): port is number =>
    Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;
  if (!isPort(aws) || !isPort(web) || aws === web || more.length)
    throw new InvalidArgumentError('Expected two different ports, such as 4566,8443.');
  return { aws, web };
}
