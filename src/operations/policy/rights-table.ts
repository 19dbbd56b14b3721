import { parseDeployment } from '../../config/load.js';
import type { Conditions, Right } from '../../resources/right.js';
import { VERBS } from '../../resources/right.js';
import { actionsOf, rights, verbsOf } from './rights.js';

const FILE = 'domain: meet.example.org\nregion: eu-central-1\nalerts: ops@example.org\nname: meet\n';
/** Settings on which rights depend. */
const SETTINGS = [
  'access: hosts\nlogin: {issuer: https://accounts.google.com, client: x, allow: everyone}\n',
  'access: members\nssh: {key: ada, from: {office: 203.0.113.0/24}}\nshell: on\n',
  'certificate: arn:aws:acm:eu-central-1:123456789012:certificate/x\n',
  'dns: manual\n',
];

/** The table of the deployer's statements in docs/rights.md, in Markdown. */
export function rightsTable(): string {
  const variants = SETTINGS.flatMap((settings) =>
    rights({
      deployment: parseDeployment(`${FILE}${settings}`, 'an example'),
      account: '<account>',
      zoneId: '<zone>',
    }),
  );
  const sids = [...new Set(variants.map(({ sid }) => sid))];
  const rows = sids.map((sid) => row(variants.filter((right) => right.sid === sid)));
  return [
    '| statement | resources | purpose, and why it is not narrower | verbs |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** `variants`: the same statement with different settings. */
function row(variants: readonly Right[]): string {
  const [right] = variants as [Right];
  const { sid, why, unnamed = '', only, resources, conditions = {} } = right;
  const verbs = new Set(
    variants.flatMap((each) => actionsOf(each).flatMap((action) => verbsOf(each, action))),
  );
  const limits = [
    resources.map((arn) => `\`${arn.replace(/^arn:aws:[^:]*:[^:]*:[^:]*:/, '')}\``).join(', '),
    inWords(conditions),
  ].filter(Boolean);
  return `| \`${sid}\` | ${[limits.join(', '), only].filter(Boolean).join('; ')} | ${`${why} ${unnamed}`.trim()} | ${VERBS.filter((verb) => verbs.has(verb)).join(', ')} |`;
}

const inWords = (conditions: Conditions): string =>
  Object.entries(conditions)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => {
        const value = list([values].flat().map((each) => `\`${each}\``));
        const tag = /^aws:(Resource|Request)Tag\/(.*)$/.exec(key);
        if (tag?.[1] === 'Resource') return `if the tag \`${tag[2]}\` is ${value}`;
        if (tag) return `if the request sets the tag \`${tag[2]}\` to ${value}`;
        if (operator.startsWith('ForAllValues:')) return `if every \`${key}\` is ${value}`;
        return `if \`${key}\` is ${value}`;
      }),
    )
    .join(', ');

const list = (words: readonly string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : (words[0] ?? '');
