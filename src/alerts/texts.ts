import { ALARMS, type AlertSettings } from '../contract/alerts.js';
import { alarmName } from '../contract/names.js';
import { english } from './english.js';
import { german } from './german.js';
import type { Mail } from './incident.js';
import type { Wording } from './wording.js';

/** What a reader sees. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
}

const WORDINGS: Readonly<Record<AlertSettings['language'], Wording>> = { en: english, de: german };

/** SNS refuses longer subjects: they have to have less than 100 characters, and no line breaks. */
const LONGEST_SUBJECT = 99;

/** A mail in the deployment's language. */
export function letter(mail: Mail, settings: AlertSettings): Letter {
  const wording = WORDINGS[settings.language];
  const { labels } = wording;
  const ended = mail.kind === 'clear' || mail.at !== mail.since;
  const minutes = Math.max(1, Math.round((Date.parse(mail.at) - Date.parse(mail.since)) / 60_000));
  const said = wording.sentences(mail, {
    domain: settings.domain,
    single: settings.shards.length === 1,
    isRecorder: (group) => group === settings.recorders,
    shardOf: (group) => /-shard-([a-z])$/.exec(group)?.[1],
    ownCertificate: settings.ownCertificate,
    lasted: lasted(minutes, wording),
  });
  const moment = (at: string) =>
    `${new Intl.DateTimeFormat(wording.locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(at))} UTC`;
  const until = mail.kind === 'clear' ? labels.until : undefined;
  const paragraphs = [
    said.happened,
    `${labels.since}: ${moment(mail.since)}${until && ended ? `\n${until}: ${moment(mail.at)}` : ''}`,
    ...(said.notices ? [`${labels.notices}: ${said.notices}`] : []),
    ...(said.automatic ? [`${labels.automatic}: ${said.automatic}`] : []),
    `${labels.now}: ${said.now}`,
    ...(said.details ? [`${labels.details}: ${said.details}`] : []),
    ...(link(mail, settings) ? [`${labels.link}: ${link(mail, settings)}`] : []),
  ];
  return { subject: subject(settings.domain, said.subject), text: paragraphs.join('\n\n') };
}

/** A few units, rounded: 90 minutes, 5 hours, 3 days. */
function lasted(minutes: number, { duration }: Wording): string {
  if (minutes < 120) return duration(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 48 ? duration(hours, 'hour') : duration(Math.round(hours / 24), 'day');
}

/** The domain first, because one address may get mail of several deployments; shortened if both do not fit. */
function subject(domain: string, clause: string): string {
  const room = LONGEST_SUBJECT - clause.length - 2;
  const shown = domain.length <= room ? domain : `${domain.slice(0, Math.max(0, room - 1))}…`;
  return `${shown}: ${clause}`.slice(0, LONGEST_SUBJECT);
}

/** Where AWS's console shows what a mail is about. */
function link(mail: Mail, { region, deployment }: AlertSettings): string | undefined {
  const console = `https://${region}.console.aws.amazon.com`;
  const group = mail.group ?? mail.losses?.[0]?.group;
  if (group) return `${console}/ec2/home?region=${region}#AutoScalingGroupDetails:id=${group};view=activity`;
  if (mail.certificate)
    return `${console}/acm/home?region=${region}#/certificates/${mail.certificate.split('/').pop()}`;
  const kind = mail.kind === 'clear' ? mail.opened : mail.kind;
  const alarm = ALARMS.find((one) => one === kind);
  return (
    alarm && `${console}/cloudwatch/home?region=${region}#alarmsV2:alarm/${alarmName(deployment, alarm)}`
  );
}
