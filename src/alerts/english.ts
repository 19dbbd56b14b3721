import type { Alarm } from '../contract/alerts.js';
import { HIGH_LOSS, MANY_ICE_FAILURES, SHORT_OF, UPDATES_WAIT_HOURS } from '../contract/metrics.js';
import type { Mail } from './incident.js';
import type { About, Sentences, Wording } from './wording.js';

const STATUS = '"convoke status" shows the machines.';
const NOTHING = 'nothing. One more mail follows when all is well again.';

const machineOf = (group: string, { shardOf, isRecorder }: About): string => {
  const shard = shardOf(group);
  if (shard) return `the machine of shard ${shard}`;
  return isRecorder(group) ? 'a recorder' : 'a bridge';
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Who notices the loss of a machine. */
function noticesLoss(group: string, about: About): string {
  if (about.isRecorder(group))
    return 'participants of the meeting that it recorded or streamed, if any: the page tells them that the recording has ended. What was uploaded before can be seen with "convoke recordings".';
  if (about.shardOf(group) === undefined)
    return 'participants whose media this bridge handled. Their sound and picture stop for some seconds, then another bridge takes over.';
  return about.single
    ? 'everybody. The meetings have ended, and the page cannot be reached until the replacement serves, in a few minutes.'
    : 'participants of meetings on this shard. They are connected to another shard within seconds, without any action.';
}

/** Who notices that a machine cannot be launched. */
function noticesNoLaunch(group: string, about: About): string {
  if (about.isRecorder(group)) return 'participants who want to record while no other recorder waits.';
  return about.shardOf(group)
    ? noticesLoss(group, about)
    : 'nobody, as long as the other bridges have capacity.';
}

function where(mail: Mail): string {
  const at = mail.zone ? ` in ${mail.zone}` : '';
  return `${mail.machine ? `machine ${mail.machine}` : `group ${mail.group}`}${at}.${mail.cause ? ` AWS says: ${mail.cause}` : ''}`;
}

function sentences(mail: Mail, about: About): Sentences {
  const group = mail.group ?? '';
  const which = machineOf(group, about);
  switch (mail.kind) {
    case 'check':
      return {
        subject: 'mail about this deployment arrives',
        happened: `convoke has deployed or changed ${about.domain}, and checked that you get mail when something happens.`,
        notices: '',
        automatic: 'when something fails, you get one mail, and one more when all is well again.',
        now: 'nothing.',
      };
    case 'lost':
      return {
        subject: `${which} failed and is being replaced`,
        happened: `${capital(which)} failed.`,
        notices: noticesLoss(group, about),
        automatic: 'a replacement is being launched.',
        now: NOTHING,
        details: where(mail),
      };
    case 'repeated':
      return {
        subject: `${which} failed twice within an hour`,
        happened: `${capital(which)} had just been launched in place of a failed one, and failed, too.`,
        notices: noticesLoss(group, about),
        automatic: 'another replacement is being launched. If the cause is the same, it will fail as well.',
        now: `look for the cause: in the last lines of the machine ("convoke logs"), or in what has changed since it last worked. ${STATUS}`,
        details: where(mail),
      };
    case 'launch-failing':
      return {
        subject: `${which} cannot be launched`,
        happened: `At least two attempts to launch ${which} have failed.`,
        notices: noticesNoLaunch(group, about),
        automatic: 'Auto Scaling keeps trying, in every availability zone of the deployment.',
        now: 'read what AWS says below. If a quota is reached, request a higher one; if a type has no capacity, set another one in convoke.yaml and run "convoke up". If a lifecycle action was abandoned, the machine could not be provisioned: "convoke logs" says why.',
        details: where(mail),
      };
    case 'silent':
      return {
        subject: `the new machine of shard ${about.shardOf(group)} does not serve`,
        happened: `A machine of shard ${about.shardOf(group)} was launched 14 minutes ago and still does not serve.`,
        notices: about.single
          ? 'everybody: no meetings are possible.'
          : 'nobody, as long as the other shards serve.',
        automatic: 'Auto Scaling replaces the machine if it stays unhealthy.',
        now: `look for the cause: "convoke logs" shows where its installation stopped. ${STATUS}`,
        details: where(mail),
      };
    case 'no-shard':
      return {
        subject: 'no meetings are possible',
        happened: 'The load balancer finds no shard that serves.',
        notices: 'everybody. Meetings have ended, and the page cannot be reached.',
        automatic: 'failed machines are replaced; that takes a few minutes.',
        now: `wait for the all-clear. If it has not come after 15 minutes, look for the cause. ${STATUS}`,
      };
    case 'errors':
    case 'balancer-errors':
      return {
        subject: 'many requests fail',
        happened:
          'In five minutes, at least 25 requests of participants ended with an error of a server (HTTP 5xx).',
        notices: 'participants who join or reconnect: some of them have to try again.',
        automatic: 'machines that fail their health checks are replaced.',
        now: `look for the cause if no all-clear comes within 15 minutes. ${STATUS}`,
      };
    case 'bridges-full':
      return {
        subject: 'the bridges are full',
        happened: 'The group of bridges has its maximum size, and its bridges are stressed.',
        notices: 'participants of large meetings: picture and sound get worse when more people join.',
        automatic: 'no more bridges are launched than bridges.max in convoke.yaml allows.',
        now: 'raise bridges.max and run "convoke up", if you expect as many participants again. "convoke cost" shows what that costs.',
      };
    case 'no-bridges':
      return {
        subject: 'meetings have no sound and picture',
        happened: `For three minutes, ${about.single ? 'the shard' : 'at least one shard'} has had no bridge that it can use.`,
        notices: `${about.single ? 'everybody in a meeting.' : 'participants of meetings on this shard.'} They see each other’s names, but hear and see nobody.`,
        automatic: 'bridges that fail are replaced, and log in at every shard.',
        now: `wait for the all-clear. If it has not come after 15 minutes, look for the cause: "convoke logs" shows what bridges and Jicofo write. ${STATUS}`,
      };
    case 'ice-failures':
      return {
        subject: 'participants cannot connect to the bridges',
        happened: `In five minutes, at least ${MANY_ICE_FAILURES} participants could not connect to a bridge.`,
        notices: 'these participants: they are in the meeting, but hear and see nobody.',
        automatic: 'the page of such a participant tries again.',
        now: 'ask where they are. If it is one company or school, its network blocks UDP port 10000: "turn: on" in convoke.yaml lets them in by TCP port 443. If they are in many places, look at the bridges with "convoke logs".',
      };
    case 'loss':
      return {
        subject: 'calls lose many packets',
        happened: `For five minutes, a bridge and its participants have lost at least ${HIGH_LOSS} % of their packets.`,
        notices: 'participants on this bridge: sound is interrupted, and pictures freeze.',
        automatic: 'participants get lower resolutions.',
        now: `ask where they are. If they are in many places, drain or terminate the bridge: Auto Scaling launches another one. ${STATUS}`,
      };
    case 'jicofo-restarted':
      return {
        subject: 'Jicofo of a shard was restarted',
        happened:
          'Jicofo of a shard did not see its bridges, although they were connected. convoke restarted Jicofo.',
        notices: `participants of meetings on this shard: their meetings had no sound and picture for up to a minute.${about.single ? '' : ' Meetings on other shards were not affected.'}`,
        automatic:
          'Jicofo sees the bridges again after the restart. It is not restarted twice for the same cause.',
        now: `nothing, if this happens rarely. ${STATUS}`,
      };
    case 'recordings':
      return {
        subject: 'recordings cannot be uploaded',
        happened: 'For minutes, a recorder has not been able to upload a recording to the bucket.',
        notices: 'nobody yet. The recording is on the recorder’s disk, which holds several hours.',
        automatic:
          'the recorder keeps trying, and does not end before the recording is uploaded, or eight hours have passed.',
        now: `look for the cause: "convoke logs" shows what S3 answers. Check whether the bucket, its policy or the permissions of recorders were changed. ${STATUS}`,
      };
    case 'disk':
      return {
        subject: 'a machine is short of disk space',
        happened: `For five minutes, a machine has had less than ${SHORT_OF.disk} MiB of free disk space.`,
        notices: 'nobody yet. On a full disk, daemons can fail.',
        automatic:
          'the journal never takes more than 400 MiB. If a daemon keeps failing, the machine is replaced.',
        now: `look at the machines: "df -h /" on each shows which one it is. If you do not need what fills the disk, delete it, or terminate the machine: Auto Scaling launches a new one. ${STATUS}`,
      };
    case 'memory':
      return {
        subject: 'a machine is short of memory',
        happened: `For five minutes, a machine has had less than ${SHORT_OF.memory} MiB of available memory.`,
        notices: 'nobody yet. If memory runs out, daemons are restarted, and meetings are interrupted.',
        automatic: 'systemd restarts daemons that run out of memory.',
        now: `look at the machines: "free -m" on each shows which one it is. If this happens again, choose a type with more memory in convoke.yaml, and run "convoke up". ${STATUS}`,
      };
    case 'updates':
      return {
        subject: 'security updates wait',
        happened: `For ${UPDATES_WAIT_HOURS / 24} days, security updates of Debian have waited on at least one machine.`,
        notices: 'nobody. Until they are installed, known vulnerabilities remain.',
        automatic:
          'updates that cannot interrupt meetings are installed daily. Those of the packages that meetings depend on wait until the machine is replaced.',
        now: 'run "convoke upgrade --os". It replaces the machines without interrupting meetings; with --when-empty, it waits until nobody is in one. "convoke status" shows how many updates wait on each machine, and the age of the image. With "image: debian" in convoke.yaml, terminate one machine after the other instead: each new one installs the newest packages.',
      };
    case 'certificate': {
      const cure = about.ownCertificate
        ? 'AWS renews it automatically but could not do so: check that the validation record (a CNAME whose name starts with _) is in DNS.'
        : 'if you imported it, import a newer one under the same ARN. If AWS issued it, check that the validation record (a CNAME whose name starts with _) is in DNS.';
      return mail.days === undefined
        ? {
            subject: 'the certificate has expired',
            happened: `The certificate of ${about.domain} has expired.`,
            notices: 'everybody: browsers refuse to open the page.',
            automatic: 'nothing more.',
            now: cure,
            details: mail.certificate ?? '',
          }
        : {
            subject: `the certificate expires in ${mail.days === 1 ? 'one day' : `${mail.days} days`}`,
            happened: `The certificate of ${about.domain} expires in ${mail.days === 1 ? 'one day' : `${mail.days} days`}.`,
            notices: 'nobody yet. Once it has expired, browsers refuse to open the page.',
            automatic: 'AWS tries to renew a certificate that it issued every day.',
            now: cure,
            details: mail.certificate ?? '',
          };
    }
    case 'clear':
      return {
        subject: `all is well again after ${about.lasted}`,
        happened: `All is well again. ${capital(ended(mail, about))}`,
        notices: '',
        automatic: '',
        now: 'nothing.',
        ...(mail.losses?.length && {
          details: `failed: ${mail.losses.map(({ machine, zone }) => `${machine} (${zone})`).join(', ')}; new: ${(mail.replacements ?? []).join(', ') || 'none'}.`,
        }),
      };
  }
}

function ended(mail: Mail, about: About): string {
  const [first] = mail.losses ?? [];
  if (first && mail.losses?.length === 1)
    return `${machineOf(first.group, about)} was replaced${about.shardOf(first.group) ? ', and the new one serves' : ''}.`;
  if (first) return `${mail.losses?.length} machines that had failed were replaced.`;
  switch (mail.opened) {
    case 'no-shard':
      return 'meetings are possible.';
    case 'errors':
    case 'balancer-errors':
      return 'requests no longer fail.';
    case 'bridges-full':
      return 'the bridges have capacity.';
    case 'no-bridges':
      return 'every shard has bridges again.';
    case 'ice-failures':
      return 'participants connect to the bridges.';
    case 'loss':
      return 'no bridge loses many packets.';
    case 'recordings':
      return 'recordings are uploaded.';
    case 'disk':
      return 'all machines have free disk space.';
    case 'memory':
      return 'all machines have available memory.';
    case 'updates':
      return 'no security updates wait.';
    default:
      return 'the machine that could not be launched was launched.';
  }
}

/** What an alarm is about, as in the subject of its mail: `calls lose many packets`. */
export const alarmInWords = (alarm: Alarm): string =>
  sentences(
    { kind: alarm, since: '', at: '' },
    {
      domain: '',
      single: false,
      shardOf: () => undefined,
      isRecorder: () => false,
      ownCertificate: true,
      lasted: '',
    },
  ).subject;

export const english: Wording = {
  sentences,
  labels: {
    since: 'Since',
    until: 'Until',
    notices: 'Who notices',
    automatic: 'What happens automatically',
    now: 'What you should do',
    details: 'Details',
    link: 'In the AWS console',
  },
  duration: (count, unit) => (count === 1 ? `a ${unit}` : `${count} ${unit}s`),
  locale: 'en-GB',
};
