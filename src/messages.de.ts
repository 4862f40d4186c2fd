// Every text a reader, visitor or editor sees, in German (ICU MessageFormat). The type keeps the keys those of English.
import type { english } from './messages.en'

export const german: Record<keyof typeof english, string> = {
  'page.skip': 'Zum Inhalt springen',
  'page.policy': 'Datenschutzerklärung',
  'page.languages': 'Sprachen',
  'page.language.en': 'English',
  'page.language.de': 'Deutsch',
  'page.promise': 'Keine Mail ohne Ihr Ja.',
  'page.errorPrefix': 'Fehler: {title}',
  'page.errors': 'Bitte sehen Sie sich {count, plural, one {eine Stelle} other {# Stellen}} noch einmal an',
  'page.step': 'Schritt {step} von {steps}',
  'page.optional': '(freiwillig)',

  'age.title': 'Newsletter von {site} bekommen',
  'age.topics': 'Das steht zur Wahl',
  'age.legend': 'Wann sind Sie geboren?',
  'age.hint': 'Das fragen wir alle zuerst. Ihre Angabe wird einmal angesehen und nicht aufbewahrt.',
  'age.month': 'Monat',
  'age.year': 'Jahr',
  'age.button': 'Weiter',
  'age.errorMonth': 'Geben Sie den Monat als Zahl von 1 bis 12 ein.',
  'age.errorYear': 'Geben Sie das Jahr mit vier Ziffern ein.',
  'age.errorPass': 'Das hat etwas gedauert: Bitte geben Sie Monat und Jahr Ihrer Geburt noch einmal ein.',

  'signup.title': 'Wählen Sie, was Sie bekommen möchten',
  'signup.topics': 'Newsletter',
  'signup.topicsHint': 'Kreuzen Sie an, was Sie möchten. Nichts ist vorausgewählt.',
  'signup.purposes': 'Dürfen wir außerdem?',
  'signup.purposesHint': 'Die Newsletter bekommen Sie auch ohne.',
  'signup.about': 'Wohin soll es gehen?',
  'signup.name': 'Name',
  'signup.nameHint': 'Nur für die Anrede.',
  'signup.email': 'E-Mail-Adresse',
  'signup.emailHint': 'Zum Beispiel name@example.org',
  'signup.policy':
    'Wie wir mit Ihren Daten umgehen, steht in unserer {policy} (Fassung {version}, {date, date, long}).',
  'signup.policyLink': 'Datenschutzerklärung',
  'signup.button': 'Bestätigungslink zusenden',
  'signup.after': 'Sie bekommen eine Mail mit einem Knopf. Bis Sie ihn drücken, kommt sonst nichts.',
  'signup.errorEmail': 'Geben Sie eine E-Mail-Adresse wie name@example.org ein.',
  'signup.errorTopics': 'Kreuzen Sie mindestens einen Newsletter an.',
  'signup.errorStale':
    'Unser Text hat sich geändert, während Sie gelesen haben. Bitte sehen Sie ihn an und wählen Sie neu.',
  'signup.errorRate':
    'Zuletzt kamen sehr viele Anfragen. Bitte versuchen Sie es in {minutes, plural, one {# Minute} other {# Minuten}} noch einmal.',
  'signup.remark': 'Bitte leer lassen',
  'signup.challenge':
    'Gerade kommen ungewöhnlich viele Anmeldungen. Ihr Browser rechnet ein paar Sekunden, um zu zeigen, dass Sie kein Programm sind; dann können Sie den Knopf drücken.',
  'signup.challengeDone': 'Fertig: Sie können jetzt den Knopf drücken.',
  'signup.challengeScript':
    'Gerade kommen ungewöhnlich viele Anmeldungen, deshalb lassen wir Browser etwas rechnen, und das braucht JavaScript. Ohne JavaScript kommen Sie bitte in etwa einer Stunde wieder.',
  'signup.errorChallenge': 'Gerade kommen ungewöhnlich viele Anmeldungen: Unten ist ein Schritt mehr nötig.',
  'signup.refused.title': 'Danke, wir können Sie nicht anmelden.',
  'signup.refused.text':
    'Ihre Angaben wurden nicht aufbewahrt. Auf unserer Website können Sie gern weiterlesen.',
  'signup.done.title': 'Sehen Sie in Ihr Postfach',
  'signup.done.text':
    'Wenn diese Adresse angemeldet werden kann, ist ein Link unterwegs. Er gilt {hours} Stunden. Bis Sie ihn drücken, wird nichts versandt.',
  'signup.done.help': 'Nach ein paar Minuten nichts da? Sehen Sie im Spam-Ordner nach oder {again}.',
  'signup.done.again': 'fangen Sie noch einmal an',

  'confirm.title': 'Noch ein Klick',
  'confirm.text': 'Sie haben {site} gebeten, Folgendes an {address} zu senden:',
  'confirm.purposes': 'Außerdem haben Sie Ja gesagt zu:',
  'confirm.button': 'Ja, ich möchte {topics}',
  'confirm.buttonPlain': 'Ja, so möchte ich es',
  'confirm.deny.text': 'Hat jemand anderes Ihre Adresse eingegeben?',
  'confirm.deny.button': 'Das war ich nicht',
  'confirm.done.title': 'Fertig. Sie bekommen {topics}.',
  'confirm.done.titlePlain': 'Fertig. Ihre Wahl ist gespeichert.',
  'confirm.done.next': 'Wie es weitergeht',
  'confirm.done.first':
    'Die nächste Ausgabe kommt an {address}. Mehr ist nicht zu tun, und es gibt kein Konto zu pflegen.',
  'confirm.done.often': 'Öfter als versprochen kommt nichts.',
  'confirm.done.stop': 'Am Ende jeder Ausgabe steht ein Link zum Abbestellen: ein Klick, kein Login, sofort.',
  'confirm.already.title': 'Schon bestätigt',
  'confirm.already.text': 'Dieser Link hat seine Arbeit getan. Es ist nichts mehr zu tun.',
  'confirm.expired.title': 'Dieser Link ist abgelaufen',
  'confirm.expired.text': 'Er galt {hours} Stunden. Die Angaben sind gelöscht, und es wird nichts versandt.',
  'confirm.again': 'Neu anmelden',
  'confirm.invalid.title': 'Dieser Link funktioniert nicht',
  'confirm.invalid.text':
    'Vielleicht wurde er unterwegs abgeschnitten. Öffnen Sie ihn noch einmal aus der Mail oder kopieren Sie ihn ganz.',
  'confirm.denied.title': 'Danke, es ist gelöscht',
  'confirm.denied.text': 'Aus dieser Anfrage bekommen Sie nichts. Mehr müssen Sie nicht tun.',

  'confirm.policy.title': 'Unsere Datenschutz\u00ADerklärung hat sich seit Ihrer Anfrage geändert',
  'confirm.policy.text':
    'Mit dem Knopf sagen Sie Ja auf Grundlage der Fassung {version}, gültig seit {date, date, long}.',

  'renew.policy.title': 'Unsere Datenschutz\u00ADerklärung hat sich geändert',
  'renew.policy.text':
    'Ihr Ja galt einer älteren Fassung. Bis Sie es erneuern, sendet {site} nichts davon an {address}:',
  'renew.policy.read': 'Fassung {version} der Datenschutzerklärung lesen',
  'renew.title': 'Möchten Sie das weiterhin?',
  'renew.text':
    'Dazu haben Sie {site} mit {address} Ja gesagt. Es endet von selbst, wenn Sie es nicht erneuern:',
  'renew.button': 'Ja, ich möchte weiterhin {topics}',
  'renew.only.text': 'Lieber nur eines davon?',
  'renew.only.button': 'Nur {topic}',
  'renew.stop.text': 'Wenn Sie nichts tun, endet es von selbst. Oder beenden Sie es jetzt:',
  'renew.stop.button': 'Nein, bitte beenden',
  'renew.stale':
    'Unsere Formulierungen haben sich geändert, während Sie gelesen haben. Bitte sehen Sie sie an und wählen Sie noch einmal.',
  'renew.done.title': 'Fertig. Ihr Ja ist erneuert.',
  'renew.done.text':
    'Es gilt zwei Jahre. Am Ende jeder Ausgabe steht ein Link zum Abbestellen: ein Klick, kein Login, sofort.',
  'renew.nothing.title': 'Es gibt nichts zu erneuern',
  'renew.nothing.text': 'Ihr Ja ist schon erneuert, abgelaufen oder zurückgenommen. Sie müssen nichts tun.',
  'renew.stopped.title': 'Fertig. Davon bekommen Sie nichts mehr.',

  'stop.title': '{topic} an {address} abbestellen?',
  'stop.titlePlain': 'Diesen Newsletter an {address} abbestellen?',
  'stop.button': 'Abbestellen',
  'stop.text': 'Das gilt sofort. Ohne Login, ohne Fragen.',
  'stop.all.text': 'Möchten Sie gar nichts mehr von uns?',
  'stop.all.button': 'Alles von {site} abbestellen',
  'stop.done.title': '{topic} kommt nicht mehr.',
  'stop.done.titlePlain': 'Dieser Newsletter kommt nicht mehr.',
  'stop.done.text': 'Das ist erledigt. Wir senden keine Abschiedsmail.',
  'stop.doneAll.title': 'Von {site} kommt nichts mehr.',
  'stop.doneAll.text': 'Alle Newsletter sind abbestellt. Wir senden keine Abschiedsmail.',
  'stop.done.passed':
    '{count, plural, one {Eine schon versandte Mail kann noch ankommen.} other {# schon versandte Mails können noch ankommen.}}',
  'stop.done.undo': 'War das ein Versehen? {again}',
  'stop.done.again': 'Neu anmelden',
  'stop.invalid.title': 'Dieser Link funktioniert nicht',
  'stop.invalid.text':
    'Vielleicht wurde er unterwegs abgeschnitten. Öffnen Sie ihn noch einmal aus der Mail oder nehmen Sie den Abmeldeknopf Ihres Mailprogramms.',
  'stop.failed.title': 'Das hat noch nicht geklappt, bitte versuchen Sie es noch einmal',
  'stop.failed.text':
    'Bei uns antwortet gerade etwas nicht. Wir können also nicht versprechen, dass es erledigt ist. Ihr Link bleibt gültig.',
  'stop.failed.button': 'Noch einmal versuchen',

  'password.title': 'Passwort wählen',
  'password.label': 'Passwort',
  'password.hint': 'Mindestens {min} Zeichen. Ein Satz merkt sich leichter als ein Rätsel.',
  'password.button': 'Speichern',
  'password.tooShort': 'Das Passwort braucht mindestens {min} Zeichen.',
  'password.tooLong': 'Das Passwort darf höchstens {max} Zeichen haben.',
  'password.done.title': 'Ihr Passwort ist gespeichert',
  'password.done.text':
    'Sie können sich jetzt damit anmelden. Wo Sie vorher angemeldet waren, sind Sie es nicht mehr.',
  'password.invalid.title': 'Dieser Link gilt nicht mehr',
  'password.invalid.text':
    'Vielleicht ist er abgelaufen oder wurde schon benutzt. Bitten Sie um einen neuen.',

  'login.title': 'Bei {site} einloggen?',
  'login.text': 'Als {address}, in diesem Browser.',
  'login.button': 'Einloggen',
  'login.notYou': 'Sie haben das nicht angefordert? Dann schließen Sie diese Seite: Es geschieht nichts.',
  'login.done.title': 'Sie sind eingeloggt',
  'login.done.text':
    'In diesem Browser, bis Sie sich ausloggen oder {days, plural, one {# Tag} other {# Tage}} vergangen sind.',
  'login.over.title': 'Dieser Link ist abgelaufen',
  'login.over.text':
    'Er gilt einmal, {minutes} Minuten lang. Fordern Sie dort, wo Sie sich einloggen wollten, einen neuen an.',
  'login.invalid.title': 'Dieser Link funktioniert nicht',
  'login.invalid.text':
    'Vielleicht wurde er unterwegs abgeschnitten. Öffnen Sie ihn noch einmal aus der Mail oder nehmen Sie den Code darin.',

  'data.title': 'Ihre Daten bei {site}',
  'data.who': 'Sie sind angemeldet als {address}.',
  'data.login.title': 'Bitte melden Sie sich zuerst an',
  'data.login.text':
    'Was über Sie bekannt ist, sehen nur Sie selbst. Melden Sie sich mit Ihrer Adresse an und öffnen Sie diese Seite noch einmal.',
  'data.code.title': 'Zuerst ein Code',
  'data.code.text':
    'Herunterladen, Löschen und das Aufheben einer Einschränkung brauchen einen frischen Code, damit es niemand für Sie tun kann, der diese Seite offen vorfindet.',
  'data.code.send': 'Code zusenden',
  'data.code.sent': 'Ein Code ist unterwegs an {address}. Er gilt einmal, {minutes} Minuten lang.',
  'data.code.again': 'Neuen Code zusenden',
  'data.code.label': 'Code aus der Mail',
  'data.code.button': 'Code eingeben',
  'data.code.wrong':
    'Dieser Code ist nicht gültig. Sehen Sie in die neueste Mail, oder fordern Sie einen neuen an.',
  'data.code.done': 'Danke: {minutes} Minuten lang können Sie alles Folgende nutzen.',
  'data.export.title': 'Herunterladen',
  'data.export.text':
    'Eine Kopie von allem über Sie, als JSON und als Tabellen. Sie bekommen eine Mail, wenn sie bereitliegt, meist binnen einer Minute; das Gesetz gibt uns einen Monat.',
  'data.export.button': 'Kopie erstellen',
  'data.export.asked': 'Ihre Kopie wird erstellt. Eine Mail sagt Ihnen, wann sie bereitliegt.',
  'data.export.tooMany':
    'Sie haben heute schon mehrere Kopien angefordert. Bitte versuchen Sie es morgen wieder.',
  'data.restrict.title': 'Behalten, aber nicht verwenden',
  'data.restrict.text':
    'Ihre Daten bleiben, wie sie sind, und Sie bekommen keinen Newsletter, bis Sie das wieder aufheben. Dafür braucht es keinen Code.',
  'data.restrict.button': 'Meine Daten einschränken',
  'data.restrict.done': 'Ihre Daten sind eingeschränkt: Sie bekommen keinen Newsletter.',
  'data.unrestrict.text':
    'Ihre Daten sind seit {date, date, long} eingeschränkt: Sie bekommen keinen Newsletter.',
  'data.unrestrict.button': 'Einschränkung aufheben',
  'data.unrestrict.done': 'Die Einschränkung ist aufgehoben. Wozu Sie Ja gesagt haben, bekommen Sie wieder.',
  'data.object.title': 'Widersprechen',
  'data.object.text':
    'Jeder Newsletter hört sofort auf, und jedes Ja ist zurückgenommen. Nur Ihre eigene neue Anmeldung fängt wieder an. Dafür braucht es keinen Code.',
  'data.object.button': 'Alles beenden',
  'data.object.done': 'Jeder Newsletter ist beendet.',
  'data.erase.title': 'Löschen',
  'data.erase.text':
    'Ihre Adresse, Ihr Name und alles, was daran hängt, werden endgültig gelöscht. Ein Fingerabdruck Ihrer Adresse bleibt, damit niemand sonst Sie anmelden kann, und der Nachweis, wozu Sie Ja und Nein gesagt haben, unter einer Zufallsnummer.',
  'data.erase.confirm': 'Ja, alles löschen',
  'data.erase.confirmNeeded': 'Setzen Sie das Häkchen, wenn alles gelöscht werden soll.',
  'data.erase.button': 'Meine Daten löschen',
  'data.erased.title': 'Ihre Daten werden gelöscht',
  'data.erased.text':
    'Ab jetzt bekommen Sie nichts mehr. Eine letzte Mail sagt, dass es erledigt ist, meist binnen einer Minute.',
  'data.passed':
    '{count, plural, one {Eine Mail, die schon unterwegs war, kann noch ankommen.} other {# Mails, die schon unterwegs waren, können noch ankommen.}}',
  'export.title': 'Ihre Daten herunterladen',
  'export.text':
    'In der Mail mit dem Link zu dieser Seite steht ein Code. Geben Sie ihn hier ein; dann beginnt das Herunterladen, einmal.',
  'export.label': 'Code aus der Mail',
  'export.button': 'Herunterladen',
  'export.wrong': 'Dieser Code ist nicht gültig. Er steht in der Mail, die Sie hierher geführt hat.',
  'export.over.title': 'Dieser Download ist vorbei',
  'export.over.text':
    'Er galt einmal, {hours} Stunden lang, und die Kopie ist gelöscht. Sie können jederzeit eine neue anfordern.',
  'export.invalid.title': 'Dieser Link funktioniert nicht',
  'export.invalid.text':
    'Vielleicht wurde er unterwegs abgeschnitten. Öffnen Sie ihn noch einmal aus der Mail, oder kopieren Sie ihn ganz.',

  'privacy.version': 'Fassung {version}, gültig seit {date, date, long}',
  'privacy.changes': 'Was sich geändert hat',
  'privacy.retention': 'Was wir aufbewahren und wie lange',
  'retention.title': 'Was {site} aufbewahrt und wie lange',
  'retention.intro':
    'Das ist alles, was über Menschen gespeichert wird, wofür, und wann es gelöscht wird. Die Liste entsteht aus der Software, die speichert und löscht. Adressen und Namen liegen verschlüsselt. Was nicht hier steht, wird nicht gespeichert.',
  'retention.readers': 'Über Leserinnen und Leser',
  'retention.staff': 'Über alle, die schreiben und versenden',
  'retention.why': 'Wofür',
  'retention.kept': 'Wie lange',
  'keep.WHILE_READER': 'Solange Sie Newsletter beziehen. Sie können es jederzeit löschen lassen.',
  'keep.CONSENT_PROOF':
    'Solange Sie Newsletter beziehen und danach {years, plural, one {# Jahr} other {# Jahre}} ohne Name und Adresse.',
  'keep.REGISTRATION':
    '{hours} Stunden, wenn nicht bestätigt wird. Mit der Bestätigung werden Adresse und Name daraus sofort gelöscht, der Rest einen Monat später.',
  'keep.CODE': '{minutes} Minuten.',
  'keep.SESSION': 'Bis die Anmeldung endet, höchstens {days} Tage.',
  'keep.SEND_LOG':
    '{days} Tage nach dem Ende des Versands. Dann bleiben nur Zahlen: wie viele ihn bekamen, wie viele nicht und warum.',
  'keep.SEND_COUNT': '{days} Tage; länger nur, wo eine zugesagte Häufigkeit länger zählt.',
  'keep.NOTICE': '{days} Tage.',
  'keep.BOUNCE': '{days} Tage.',
  'keep.SUPPRESSION': 'Solange es diesen Dienst gibt: Ohne das könnten wieder Mails kommen.',
  'keep.REQUEST': '{years, plural, one {# Jahr} other {# Jahre}}.',
  'keep.EXPORT': '{days, plural, one {# Tag} other {# Tage}}.',
  'keep.IMPORT': '{years, plural, one {# Jahr} other {# Jahre}}.',
  'keep.DISCLOSURE': '{years, plural, one {# Jahr} other {# Jahre}}.',
  'keep.STAFF': 'Solange die Person mit der Website arbeitet und Newsletter von ihr aufbewahrt werden.',
  'keep.ATTEMPT': '{days, plural, one {# Tag} other {# Tage}}.',
  'keep.AUDIT': '{years, plural, one {# Jahr} other {# Jahre}}.',
  'privacy.announced': 'Fassung {version}, gültig ab {date, date, long}',
  'privacy.others': 'Andere Fassungen',
  'privacy.other': 'Fassung {version}, {date, date, long}',

  'status.404.title': 'Hier gibt es keine Seite',
  'status.404.text': 'Vielleicht ist die Adresse vertippt, oder die Seite ist nicht mehr da.',
  'status.405.title': 'Das kann diese Seite nicht',
  'status.405.text': 'Bitte gehen Sie zurück und nehmen Sie den Knopf auf der Seite.',
  'status.429.title': 'Das war viel auf einmal',
  'status.429.text':
    'Aus Ihrem Netz kamen zu viele Anfragen. Bitte versuchen Sie es in einer Weile noch einmal.',
  'status.500.title': 'Bei uns ist etwas schiefgegangen',
  'status.500.text':
    'Es ist notiert, ohne etwas über Sie. Bitte versuchen Sie es in einer Weile noch einmal.',
  'status.503.title': 'Gerade ist viel los',
  'status.503.text':
    'Im Moment können wir nicht antworten. Bitte versuchen Sie es in einer Minute noch einmal.',

  'mail.confirm.subject': 'Bitte bestätigen: {topics} von {site}',
  'mail.confirm.subjectCount':
    'Bitte bestätigen: {count, plural, one {ein Newsletter} other {# Newsletter}} von {site}',
  'mail.confirm.title': 'Noch ein Klick, dann sind Sie dabei',
  'mail.confirm.asked':
    'Sie (oder jemand anderes) haben {site} am {date, date, long} gebeten, Folgendes an Ihre Adresse zu senden:',
  'mail.confirm.topic': '{title} ({cadence})',
  'mail.confirm.purposes': 'Und Ja gesagt zu:',
  'mail.confirm.button': 'Ja, bitte anmelden',
  'mail.confirm.button.text': 'Ja, bitte anmelden: {url}',
  'mail.confirm.deny': 'Das war ich nicht',
  'mail.confirm.deny.text': 'Das war ich nicht: {url}',
  'mail.confirm.nothing': 'Wenn Sie nichts tun, löschen wir das in {hours} Stunden.',
  'mail.confirm.page':
    'Der Knopf öffnet eine Seite, auf der Sie noch einmal drücken. Bis dahin sind Sie nicht angemeldet.',
  'mail.sender': '{site}, {address}',
  'mail.contact': 'Fragen: {contact}',
  'mail.staff.invitation.subject': 'Ihr Zugang zu {site}',
  'mail.staff.invitation.title': 'Sie sind eingeladen',
  'mail.staff.invitation.asked':
    'Für Sie wurde bei {site} ein Konto angelegt. Wählen Sie ein Passwort, um es zu benutzen.',
  'mail.staff.reset.subject': 'Ein neues Passwort für {site}',
  'mail.staff.reset.title': 'Neues Passwort wählen',
  'mail.staff.reset.asked': 'Jemand, wahrscheinlich Sie, hat bei {site} um ein neues Passwort gebeten.',
  'mail.staff.button': 'Passwort wählen',
  'mail.staff.hours': 'Der Link gilt einmal, {hours} Stunden lang.',
  'mail.staff.minutes': 'Der Link gilt einmal, {minutes} Minuten lang.',
  'mail.staff.notYou': 'Wenn das nicht für Sie war, tun Sie nichts.',
  'mail.login.subject': 'Bei {site} einloggen',
  'mail.login.title': 'Ihr Code zum Einloggen',
  'mail.login.asked':
    'Sie (oder jemand anderes) möchten sich mit Ihrer Adresse bei {site} einloggen. Geben Sie diesen Code dort ein, wo danach gefragt wird:',
  'mail.login.orLink': 'Oder öffnen Sie diesen Link auf dem Gerät, auf dem Sie sich einloggen möchten:',
  'mail.login.button': 'Einloggen',
  'mail.login.notYou':
    'Wenn Sie das nicht waren, tun Sie nichts. Ohne diese Mail kann sich niemand einloggen.',
  'mail.proof.subject': 'Ihr Code für {site}',
  'mail.proof.title': 'Noch eine Prüfung',
  'mail.proof.asked':
    'Jemand, der bei {site} mit Ihrer Adresse eingeloggt ist, möchte etwas tun, das einen neuen Code braucht. Wenn Sie das sind, geben Sie ihn dort ein:',
  'mail.proof.notYou':
    'Wenn Sie das nicht waren, geben Sie den Code nicht weiter. Loggen Sie sich ein und beenden Sie die Sitzungen, die Sie nicht kennen.',
  'mail.code.limits': 'Er gilt einmal, {minutes} Minuten lang. Auf anderem Weg fragen wir nie danach.',
  'mail.renew.POLICY.subject':
    'Unsere Datenschutzerklärung hat sich geändert: Möchten Sie weiterhin Post von {site}?',
  'mail.renew.POLICY.title': 'Unsere Datenschutzerklärung hat sich geändert',
  'mail.renew.POLICY.asked':
    'Ihr Ja bei {site} galt einer älteren Fassung. Bis Sie es erneuern, senden wir Ihnen nichts von dem, was unten steht.',
  'mail.renew.POLICY.nothing': 'Wenn Sie nichts tun, bekommen Sie davon nichts mehr.',
  'mail.renew.EXPIRY.subject': 'Möchten Sie weiterhin Post von {site}?',
  'mail.renew.EXPIRY.title': 'Möchten Sie das weiterhin?',
  'mail.renew.EXPIRY.asked':
    'Vor fast zwei Jahren haben Sie bei {site} Ja gesagt. Wir nehmen das nicht für immer als selbstverständlich und fragen einmal nach:',
  'mail.renew.EXPIRY.nothing': 'Wenn Sie nichts tun, endet es am {date, date, long} von selbst.',
  'mail.renew.SILENCE.subject': 'Möchten Sie weiterhin Post von {site}?',
  'mail.renew.SILENCE.title': 'Es war lange still. Möchten Sie das weiterhin?',
  'mail.renew.SILENCE.asked':
    'Sie haben bei {site} Ja gesagt und dann ein Jahr lang nichts gehört. Bevor wir wieder schreiben, fragen wir einmal nach:',
  'mail.renew.SILENCE.nothing': 'Wenn Sie nichts tun, endet es innerhalb von 30 Tagen von selbst.',
  'mail.renew.changes': 'Was sich geändert hat: {changes}',
  'mail.renew.policy': 'Die neue Datenschutzerklärung lesen',
  'mail.renew.button': 'Ansehen und entscheiden',
  'mail.renew.page': 'Der Knopf öffnet eine Seite, auf der Sie Ja oder Nein sagen. Das Öffnen ändert nichts.',
  'mail.export.subject': 'Ihre Daten von {site} liegen bereit',
  'mail.export.title': 'Ihre Kopie liegt bereit',
  'mail.export.asked':
    'Sie haben {site} um eine Kopie von allem gebeten, was dort über Sie gespeichert ist. Öffnen Sie die Seite unten und geben Sie dort diesen Code ein:',
  'mail.export.button': 'Zum Herunterladen',
  'mail.export.limits':
    'Das geht einmal, {hours} Stunden lang. Danach wird die Kopie gelöscht; Sie können jederzeit eine neue anfordern.',
  'mail.export.notYou':
    'Falls Sie das nicht waren, geben Sie den Code nicht weiter. Melden Sie sich an und beenden Sie die Anmeldungen, die Sie nicht kennen.',
  'mail.erasure.subject': 'Ihre Daten bei {site} sind gelöscht',
  'mail.erasure.title': 'Ihre Daten sind gelöscht',
  'mail.erasure.gone':
    '{site} löscht Ihre Adresse, Ihren Namen und alles, was daran hängt; mit dieser Mail geht das Letzte davon. Sie bekommen keine Post mehr, und niemand ist mehr als Sie angemeldet.',
  'mail.erasure.kept':
    'Zweierlei bleibt: ein Fingerabdruck Ihrer Adresse, den niemand zurückrechnen kann, damit niemand sonst Sie wieder anmeldet, und der Nachweis, wozu Sie Ja und Nein gesagt haben, unter einer Zufallsnummer.',
  'mail.erasure.last':
    'Das war die letzte Mail. Sie müssen nichts tun. Wenn Sie einmal wiederkommen möchten, melden Sie sich einfach neu an.',
  'mail.test.subject': '[TEST] {subject}',

  'footer.reason': 'Sie bekommen diese Mail, weil Sie bei {site} Ja zu {topic} gesagt haben.',
  'footer.unsubscribe': 'Abbestellen',
  'footer.unsubscribe.text': '{topic} abbestellen: {url}',
  'footer.unsubscribe.hint': 'Ein Klick, kein Login, sofort.',
  'footer.policy': 'Datenschutzerklärung',
  'footer.sender': '{site}, {address}',
  'footer.test': 'Das ist ein Test. Die Links funktionieren, ändern aber nichts.',

  'error.REQUIRED': 'Diese Angabe fehlt.',
  'error.INVALID': 'Diese Angabe ist nicht gültig.',
  'error.TOO_LONG': 'Diese Angabe ist zu lang.',
  'error.NOT_FOUND': 'Das gibt es nicht, oder Sie dürfen es nicht sehen.',
  'error.NOT_ELIGIBLE': 'Danke, wir können Sie nicht anmelden.',
  'error.STALE_POLICY':
    'Die Datenschutzerklärung oder eine Beschreibung hat sich geändert. Zeigen Sie die aktuelle und fragen Sie neu.',
  'error.STALE_VERSION': 'Inzwischen hat jemand anderes gespeichert. Laden Sie zuerst die aktuelle Fassung.',
  'error.INVALID_STATE': 'Das geht im jetzigen Zustand nicht.',
  'error.TOKEN_INVALID': 'Dieser Link oder Code ist nicht gültig.',
  'error.TOKEN_EXPIRED': 'Dieser Link oder Code ist abgelaufen.',
  'error.CODE_INVALID': 'Dieser Code ist ungültig.',
  'error.FRESH_PROOF_REQUIRED': 'Dafür braucht es einen neuen Code. Wir haben ihn an Ihre Adresse gesandt.',
  'error.RATE_LIMITED': 'Zu viele Anfragen. Bitte versuchen Sie es später noch einmal.',
  'error.REAUTH_REQUIRED': 'Bitte zuerst noch einmal Passwort oder Code eingeben.',
  'error.CHALLENGE_REQUIRED':
    'Ungewöhnlich viele Anmeldungen: Bitte lösen Sie die Aufgabe und fragen Sie noch einmal.',
  'error.CHECKLIST_BLOCKED': 'Auf der Prüfliste ist noch etwas offen, das den Versand verhindert.',
  'error.AUDIENCE_CHANGED':
    'Die Zahl der Leserinnen und Leser hat sich geändert. Bitte prüfen und neu bestätigen.',
  'error.AUDIENCE_EMPTY': 'Niemand würde diesen Newsletter bekommen.',
  'error.APPROVAL_REQUIRED':
    'Diesen Text muss jemand anderes mit Veröffentlichungsrecht planen. Gibt es niemanden: mindestens 24 Stunden im Voraus.',
  'error.MJML_INVALID': 'Das MJML lässt sich nicht übersetzen.',
  'error.SUPPRESSED': 'Diese Adresse ist gesperrt und bekommt keine Mail.',
  'error.IDEMPOTENCY_MISMATCH': 'Dieser Idempotenzschlüssel wurde schon mit anderen Angaben benutzt.',

  'policy.nextVersion': 'Die nächste Fassung ist {version}.',
  'policy.localeMissing': 'Es gibt noch keinen Text in der Sprache {locale}.',

  'skip.NO_CONSENT': 'Hat nie Ja gesagt',
  'skip.CONSENT_PENDING': 'Hat noch nicht bestätigt',
  'skip.CONSENT_WITHDRAWN': 'Hat dieses Thema abbestellt',
  'skip.RECONSENT_REQUIRED': 'Hat der neuen Datenschutzerklärung noch nicht zugestimmt',
  'skip.PAUSED': 'Macht Pause',
  'skip.FREQUENCY_CAP': 'Hat die Höchstzahl erreicht',
  'skip.SUPPRESSED_BOUNCE': 'Adresse unzustellbar',
  'skip.SUPPRESSED_COMPLAINT': 'Hat sich über Spam beschwert',
  'skip.SUPPRESSED_UNSUBSCRIBED': 'Hat alles abbestellt',
  'skip.SUPPRESSED_MANUAL': 'Von Hand gesperrt',
  'skip.ERASED': 'Gelöscht',
  'skip.INVALID_ADDRESS': 'Adresse nicht versandfähig',
  'skip.RESTRICTED': 'Verarbeitung eingeschränkt',
  'skip.CONSENT_EXPIRED': 'Einwilligung abgelaufen',
  'skip.WINDOW_CLOSED': 'Versandzeitraum vorbei',
  'skip.DUPLICATE': 'Doppelter Eintrag',
  'skip.AUDIENCE_FILTER': 'Nicht in der gewählten Zielgruppe',
  'skip.LOCALE_MISSING': 'Kein Text in dieser Sprache',
  'skip.RENDER_ERROR': 'Ließ sich nicht erzeugen',

  'check.subject': 'Betreff',
  'check.preheader': 'Vorschautext',
  'check.mjml': 'MJML lässt sich übersetzen',
  'check.tags': 'Platzhalter sind bekannt',
  'check.text': 'Textfassung',
  'check.unsubscribe': 'Abmeldelink',
  'check.size': 'Größe unter der Abschneidegrenze',
  'check.postal': 'Postanschrift',
  'check.silence': 'Seine Leser haben innerhalb eines Jahres von ihm gehört oder wurden gefragt',
  'check.audience': 'Jemand bekommt ihn',
}
