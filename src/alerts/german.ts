import { HIGH_LOSS, MANY_ICE_FAILURES, SHORT_OF, UPDATES_WAIT_HOURS } from '../contract/metrics.js';
import type { Mail } from './incident.js';
import type { About, Sentences, Wording } from './wording.js';

const STATUS = '„convoke status“ zeigt die Maschinen.';
const NOTHING = 'nichts. Es folgt noch eine Mail, sobald alles wieder in Ordnung ist.';

/** Nominative, at the beginning of a sentence. */
const machineOf = (group: string, { shardOf, isRecorder }: About): string => {
  const shard = shardOf(group);
  if (shard) return `Die Maschine von Shard ${shard}`;
  return isRecorder(group) ? 'Ein Rekorder' : 'Eine Bridge';
};

function noticesLoss(group: string, about: About): string {
  if (about.isRecorder(group))
    return 'Teilnehmende der Besprechung, die er aufgezeichnet oder übertragen hat, falls es eine gab: Die Seite meldet ihnen, dass die Aufzeichnung beendet ist. Was vorher hochgeladen wurde, zeigt „convoke recordings“.';
  if (about.shardOf(group) === undefined)
    return 'Teilnehmende, deren Ton und Bild über diese Bridge liefen. Beides setzt einige Sekunden aus, dann übernimmt eine andere Bridge.';
  return about.single
    ? 'alle. Die Besprechungen sind beendet, und die Seite ist nicht erreichbar, bis der Ersatz nach einigen Minuten läuft.'
    : 'Teilnehmende von Besprechungen auf diesem Shard. Sie werden innerhalb von Sekunden ohne eigenes Zutun mit einem anderen Shard verbunden.';
}

/** Who notices that a machine cannot be launched. */
function noticesNoLaunch(group: string, about: About): string {
  if (about.isRecorder(group))
    return 'Teilnehmende, die aufzeichnen möchten, während kein anderer Rekorder bereit ist.';
  return about.shardOf(group)
    ? noticesLoss(group, about)
    : 'niemand, solange die übrigen Bridges ausreichen.';
}

function where(mail: Mail): string {
  const at = mail.zone ? ` in ${mail.zone}` : '';
  return `${mail.machine ? `Maschine ${mail.machine}` : `Gruppe ${mail.group}`}${at}.${mail.cause ? ` AWS meldet: ${mail.cause}` : ''}`;
}

function sentences(mail: Mail, about: About): Sentences {
  const group = mail.group ?? '';
  const which = machineOf(group, about);
  switch (mail.kind) {
    case 'check':
      return {
        subject: 'Mails zu dieser Installation kommen an',
        happened: `convoke hat ${about.domain} eingerichtet oder geändert und geprüft, dass Sie bei Störungen eine Mail erhalten.`,
        notices: '',
        automatic:
          'Bei einer Störung erhalten Sie eine Mail und eine weitere, sobald alles wieder in Ordnung ist.',
        now: 'nichts.',
      };
    case 'lost':
      return {
        subject: `${which} ist ausgefallen und wird ersetzt`,
        happened: `${which} ist ausgefallen.`,
        notices: noticesLoss(group, about),
        automatic: 'Ein Ersatz wird gestartet.',
        now: NOTHING,
        details: where(mail),
      };
    case 'repeated':
      return {
        subject: `${which} ist zweimal in einer Stunde ausgefallen`,
        happened: `${which} war gerade erst als Ersatz gestartet worden und ist ebenfalls ausgefallen.`,
        notices: noticesLoss(group, about),
        automatic: 'Ein weiterer Ersatz wird gestartet. Bei gleicher Ursache fällt auch er aus.',
        now: `die Ursache suchen: in den letzten Zeilen der Maschine („convoke logs“) oder in dem, was sich seit dem letzten Erfolg geändert hat. ${STATUS}`,
        details: where(mail),
      };
    case 'launch-failing':
      return {
        subject: `${which} kann nicht gestartet werden`,
        happened: `${which} kann nicht gestartet werden: Mindestens zwei Versuche sind fehlgeschlagen.`,
        notices: noticesNoLaunch(group, about),
        automatic: 'Auto Scaling versucht es weiter, in jeder Zone der Installation.',
        now: 'die Meldung von AWS unten lesen. Ist ein Kontingent erschöpft, ein höheres beantragen; fehlt Kapazität für einen Typ, in convoke.yaml einen anderen wählen und „convoke up“ ausführen. Wurde eine Lifecycle Action abgebrochen, konnte die Maschine nicht eingerichtet werden: „convoke logs“ nennt den Grund.',
        details: where(mail),
      };
    case 'silent':
      return {
        subject: `Die neue Maschine von Shard ${about.shardOf(group)} antwortet nicht`,
        happened: `Eine Maschine von Shard ${about.shardOf(group)} wurde vor 14 Minuten gestartet und antwortet noch nicht.`,
        notices: about.single
          ? 'alle: Es sind keine Besprechungen möglich.'
          : 'niemand, solange die übrigen Shards antworten.',
        automatic: 'Auto Scaling ersetzt die Maschine, wenn sie fehlerhaft bleibt.',
        now: `die Ursache suchen: „convoke logs“ zeigt, wo die Installation stehen geblieben ist. ${STATUS}`,
        details: where(mail),
      };
    case 'no-shard':
      return {
        subject: 'Es sind keine Besprechungen möglich',
        happened: 'Der Load Balancer findet keinen Shard, der antwortet.',
        notices: 'alle. Die Besprechungen sind beendet, und die Seite ist nicht erreichbar.',
        automatic: 'Ausgefallene Maschinen werden ersetzt; das dauert einige Minuten.',
        now: `die Entwarnung abwarten. Kommt sie nicht innerhalb von 15 Minuten, die Ursache suchen. ${STATUS}`,
      };
    case 'errors':
    case 'balancer-errors':
      return {
        subject: 'Viele Anfragen schlagen fehl',
        happened:
          'Innerhalb von fünf Minuten endeten mindestens 25 Anfragen von Teilnehmenden mit einem Serverfehler (HTTP 5xx).',
        notices:
          'Teilnehmende, die beitreten oder sich neu verbinden: Einige von ihnen müssen es noch einmal versuchen.',
        automatic: 'Maschinen, deren Zustandsprüfung fehlschlägt, werden ersetzt.',
        now: `die Ursache suchen, wenn innerhalb von 15 Minuten keine Entwarnung kommt. ${STATUS}`,
      };
    case 'bridges-full':
      return {
        subject: 'Die Bridges sind ausgelastet',
        happened:
          'Die Gruppe der Bridges hat ihre größte erlaubte Zahl erreicht, und ihre Bridges sind ausgelastet.',
        notices:
          'Teilnehmende großer Besprechungen: Bild und Ton werden schlechter, wenn weitere hinzukommen.',
        automatic: 'Es werden nicht mehr Bridges gestartet, als bridges.max in convoke.yaml erlaubt.',
        now: 'bridges.max erhöhen und „convoke up“ ausführen, wenn wieder so viele Teilnehmende zu erwarten sind. „convoke cost“ zeigt die Kosten.',
      };
    case 'no-bridges':
      return {
        subject: 'Besprechungen haben weder Ton noch Bild',
        happened: `Seit drei Minuten kann ${about.single ? 'der Shard' : 'mindestens ein Shard'} keine Bridge verwenden.`,
        notices: `${about.single ? 'alle in einer Besprechung.' : 'Teilnehmende der Besprechungen auf diesem Shard.'} Sie sehen die Namen der anderen, hören und sehen aber niemanden.`,
        automatic: 'Ausgefallene Bridges werden ersetzt und melden sich bei jedem Shard an.',
        now: `die Entwarnung abwarten. Kommt sie nicht innerhalb von 15 Minuten, die Ursache suchen: „convoke logs“ zeigt, was Bridges und Jicofo schreiben. ${STATUS}`,
      };
    case 'ice-failures':
      return {
        subject: 'Teilnehmende erreichen die Bridges nicht',
        happened: `Innerhalb von fünf Minuten konnten mindestens ${MANY_ICE_FAILURES} Teilnehmende keine Verbindung zu einer Bridge herstellen.`,
        notices: 'diese Teilnehmenden: Sie sind in der Besprechung, hören und sehen aber niemanden.',
        automatic: 'Die Seite dieser Teilnehmenden versucht es erneut.',
        now: 'fragen, wo sie sind. Ist es ein Unternehmen oder eine Schule, sperrt deren Netz den UDP-Port 10000: Mit „turn: on“ in convoke.yaml gelangen sie über den TCP-Port 443 hinein. Sind sie an vielen Orten, die Bridges mit „convoke logs“ ansehen.',
      };
    case 'loss':
      return {
        subject: 'In Besprechungen gehen viele Pakete verloren',
        happened: `Seit fünf Minuten gehen zwischen einer Bridge und ihren Teilnehmenden mindestens ${HIGH_LOSS} % der Pakete verloren.`,
        notices: 'Teilnehmende auf dieser Bridge: Der Ton wird unterbrochen, und Bilder bleiben stehen.',
        automatic: 'Teilnehmende erhalten Bilder mit geringerer Auflösung.',
        now: `fragen, wo sie sind. Sind sie an vielen Orten, die Bridge leeren oder beenden: Auto Scaling startet eine andere. ${STATUS}`,
      };
    case 'jicofo-restarted':
      return {
        subject: 'Jicofo eines Shards wurde neu gestartet',
        happened:
          'Jicofo eines Shards hat seine Bridges nicht gesehen, obwohl sie verbunden waren. convoke hat Jicofo neu gestartet.',
        notices: `Teilnehmende der Besprechungen auf diesem Shard: Bild und Ton fehlten bis zu eine Minute lang.${about.single ? '' : ' Besprechungen auf anderen Shards waren nicht betroffen.'}`,
        automatic:
          'Nach dem Neustart sieht Jicofo die Bridges wieder. Aus demselben Grund wird es nicht zweimal neu gestartet.',
        now: `nichts, wenn das selten vorkommt. ${STATUS}`,
      };
    case 'recordings':
      return {
        subject: 'Aufzeichnungen können nicht hochgeladen werden',
        happened: 'Seit einigen Minuten kann ein Rekorder eine Aufzeichnung nicht in den Bucket hochladen.',
        notices:
          'noch niemand. Die Aufzeichnung liegt auf der Festplatte des Rekorders, die mehrere Stunden fasst.',
        automatic:
          'Der Rekorder versucht es weiter und endet erst, wenn die Aufzeichnung hochgeladen ist oder acht Stunden vergangen sind.',
        now: `die Ursache suchen: „convoke logs“ zeigt, was S3 antwortet. Prüfen, ob der Bucket, seine Richtlinie oder die Berechtigungen der Rekorder geändert wurden. ${STATUS}`,
      };
    case 'disk':
      return {
        subject: 'Einer Maschine geht der Speicherplatz aus',
        happened: `Seit fünf Minuten hat eine Maschine weniger als ${SHORT_OF.disk} MiB freien Speicherplatz auf der Festplatte.`,
        notices: 'noch niemand. Ist die Festplatte voll, können Dienste ausfallen.',
        automatic:
          'Das Journal belegt nie mehr als 400 MiB. Fällt ein Dienst immer wieder aus, wird die Maschine ersetzt.',
        now: `die Maschinen ansehen: „df -h /“ auf jeder zeigt, welche es ist. Was die Festplatte füllt, löschen, wenn es nicht gebraucht wird, oder die Maschine beenden: Auto Scaling startet eine neue. ${STATUS}`,
      };
    case 'memory':
      return {
        subject: 'Einer Maschine geht der Arbeitsspeicher aus',
        happened: `Seit fünf Minuten hat eine Maschine weniger als ${SHORT_OF.memory} MiB verfügbaren Arbeitsspeicher.`,
        notices:
          'noch niemand. Geht der Arbeitsspeicher aus, werden Dienste neu gestartet und Besprechungen unterbrochen.',
        automatic: 'systemd startet Dienste neu, denen der Arbeitsspeicher ausgeht.',
        now: `die Maschinen ansehen: „free -m“ auf jeder zeigt, welche es ist. Kommt es wieder vor, in convoke.yaml einen Typ mit mehr Arbeitsspeicher wählen und „convoke up“ ausführen. ${STATUS}`,
      };
    case 'updates':
      return {
        subject: 'Sicherheitsupdates stehen aus',
        happened: `Seit ${UPDATES_WAIT_HOURS / 24} Tagen stehen auf mindestens einer Maschine Sicherheitsupdates von Debian aus.`,
        notices: 'niemand. Bis sie installiert sind, bleiben bekannte Schwachstellen bestehen.',
        automatic:
          'Updates, die keine Besprechung unterbrechen können, werden täglich installiert. Die der Pakete, von denen Besprechungen abhängen, warten, bis die Maschine ersetzt wird.',
        now: '„convoke upgrade --os“ ausführen. Das ersetzt die Maschinen, ohne Besprechungen zu unterbrechen; mit --when-empty wartet es, bis niemand in einer ist. „convoke status“ zeigt, wie viele Updates auf jeder Maschine ausstehen und wie alt das Image ist. Steht in convoke.yaml „image: debian“, stattdessen eine Maschine nach der anderen beenden: Jede neue installiert die neuesten Pakete.',
      };
    case 'certificate': {
      const cure = about.ownCertificate
        ? 'AWS erneuert es selbst, konnte das aber nicht: prüfen, ob der Validierungseintrag (ein CNAME, dessen Name mit _ beginnt) im DNS steht.'
        : 'wenn Sie es importiert haben, ein neueres unter demselben ARN importieren. Hat AWS es ausgestellt, prüfen, ob der Validierungseintrag (ein CNAME, dessen Name mit _ beginnt) im DNS steht.';
      const days = mail.days === 1 ? 'einem Tag' : `${mail.days} Tagen`;
      return mail.days === undefined
        ? {
            subject: 'Das Zertifikat ist abgelaufen',
            happened: `Das Zertifikat von ${about.domain} ist abgelaufen.`,
            notices: 'alle: Browser öffnen die Seite nicht mehr.',
            automatic: 'nichts mehr.',
            now: cure,
            details: mail.certificate ?? '',
          }
        : {
            subject: `Das Zertifikat läuft in ${days} ab`,
            happened: `Das Zertifikat von ${about.domain} läuft in ${days} ab.`,
            notices: 'noch niemand. Ist es abgelaufen, öffnen Browser die Seite nicht mehr.',
            automatic: 'AWS versucht täglich, ein selbst ausgestelltes Zertifikat zu erneuern.',
            now: cure,
            details: mail.certificate ?? '',
          };
    }
    case 'clear':
      return {
        subject: `Nach ${about.lasted} ist alles wieder in Ordnung`,
        happened: `Alles ist wieder in Ordnung. ${ended(mail, about)}`,
        notices: '',
        automatic: '',
        now: 'nichts.',
        ...(mail.losses?.length && {
          details: `ausgefallen: ${mail.losses.map(({ machine, zone }) => `${machine} (${zone})`).join(', ')}; neu: ${(mail.replacements ?? []).join(', ') || 'keine'}.`,
        }),
      };
  }
}

function ended(mail: Mail, about: About): string {
  const [first] = mail.losses ?? [];
  if (first && mail.losses?.length === 1)
    return `${machineOf(first.group, about)} wurde ersetzt${about.shardOf(first.group) ? ', und die neue läuft' : ''}.`;
  if (first) return `${mail.losses?.length} ausgefallene Maschinen wurden ersetzt.`;
  switch (mail.opened) {
    case 'no-shard':
      return 'Besprechungen sind möglich.';
    case 'errors':
    case 'balancer-errors':
      return 'Anfragen schlagen nicht mehr fehl.';
    case 'bridges-full':
      return 'Die Bridges haben wieder Reserven.';
    case 'no-bridges':
      return 'Jeder Shard hat wieder Bridges.';
    case 'ice-failures':
      return 'Teilnehmende erreichen die Bridges.';
    case 'loss':
      return 'Keine Bridge verliert viele Pakete.';
    case 'recordings':
      return 'Aufzeichnungen werden hochgeladen.';
    case 'disk':
      return 'Alle Maschinen haben genug Speicherplatz.';
    case 'memory':
      return 'Alle Maschinen haben genug Arbeitsspeicher.';
    case 'updates':
      return 'Es stehen keine Sicherheitsupdates mehr aus.';
    default:
      return 'Die Maschine, die nicht gestartet werden konnte, läuft.';
  }
}

export const german: Wording = {
  sentences,
  labels: {
    since: 'Seit',
    until: 'Bis',
    notices: 'Wer es bemerkt',
    automatic: 'Was von selbst geschieht',
    now: 'Was Sie tun sollten',
    details: 'Einzelheiten',
    link: 'In der AWS-Konsole',
  },
  // Dative, as after "nach".
  duration: (count, unit) => {
    const [one, several] = {
      minute: ['einer Minute', 'Minuten'],
      hour: ['einer Stunde', 'Stunden'],
      day: ['einem Tag', 'Tagen'],
    }[unit] as [string, string];
    return count === 1 ? one : `${count} ${several}`;
  },
  locale: 'de-DE',
};
