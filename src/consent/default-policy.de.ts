import type { PolicyFacts } from './policy-facts'

/** As the English one, heading by heading. */
export const germanPolicy = (facts: PolicyFacts): string => `
Wir dulden keinen Spam. Sie bekommen von uns nur Post, die Sie bestellt und bestätigt haben, und Sie können sie
jederzeit in einem Schritt beenden, sofort. [Ob wir halten, was wir versprechen](/promises), zeigt das
laufende System.

## Wer wir sind
Verantwortlich für das hier Beschriebene ist ${facts.siteName}, ${facts.postalAddress}. Zu allem auf dieser Seite erreichen
Sie uns unter ${facts.contact}.

## Was wir erheben
Sie können uns besuchen, ohne uns etwas mitzuteilen. Wenn Sie sich anmelden, fragen wir nach Ihrer E-Mail-Adresse und,
wenn Sie möchten, nach einem Namen. Beides speichern wir verschlüsselt. Außerdem halten wir Sprache und Zeitzone fest, wozu
Sie Ja oder Nein gesagt haben, wann, und welchen Text Sie dabei gesehen haben, weil wir es belegen müssen, und welche
Newsletter an Sie gesendet wurden.

## Wofür wir es verwenden, und auf welcher Grundlage
Nur wofür Sie Ja gesagt haben: für die gewählten Newsletter und, wenn Sie es erlauben, für die Anrede mit Namen, und was
sonst bei der Anmeldung eigens gefragt wird. Rechtsgrundlage ist Ihre Einwilligung (Art. 6 Abs. 1 lit. a DSGVO). Sie endet,
wenn Sie sie widerrufen, und nach 24 Monaten, wenn Sie sie nicht erneuern. Den Nachweis darüber bewahren wir auf, weil das
Gesetz es verlangt (Art. 6 Abs. 1 lit. c, Art. 7 Abs. 1 DSGVO). Damit niemand Sie nach Ihrer Abmeldung wieder anmeldet und zum
Schutz unseres Dienstes vor Missbrauch behalten wir einen verschlüsselten Fingerabdruck Ihrer Adresse und für Minuten Zähler;
das ist unser und Ihr berechtigtes Interesse (Art. 6 Abs. 1 lit. f DSGVO).

## Wer es bekommt
${facts.relays.length > 0 ? `Die Mail selbst geht unter einer Vereinbarung an ${facts.relays.join(', ')} und von dort an Ihren Mail-Anbieter.` : 'Die Mail selbst geht von unserem eigenen Server an Ihren Mail-Anbieter.'}
Wer uns sonst hilft, wofür, und ob eine Vereinbarung besteht, steht [in einer öffentlichen Liste](/processors).
Niemand darauf bekommt Ihre Daten, wenn Sie nicht zu diesem Zweck Ja gesagt haben, und jede solche Weitergabe wird
aufgeschrieben; die über Sie können Sie sehen. Eine Behörde oder ein Gericht bekommt die Daten eines einzelnen Menschen, wo das
Gesetz uns dazu verpflichtet oder berechtigt: auf schriftlicher Grundlage, mit dem Ja einer zweiten Person (wo es keine gibt,
einen Tag später), aufgeschrieben, und Sie erfahren es, sobald das Gesetz es erlaubt. Sonst verkaufen, tauschen oder übermitteln wir Ihre Adresse nicht. Unsere Mails
enthalten keine Zählpixel und keine persönlichen Zähl-Links. Wir sehen nicht nach, wer was geöffnet hat.

## Andere Länder
Die Software sendet Ihre Daten in kein anderes Land. Wo jemand aus der öffentlichen Liste in einem solchen ist, sagt sie es.

## Wie lange wir es aufbewahren
Eine unbestätigte Anmeldung wird nach 72 Stunden gelöscht. Welcher Newsletter an Sie ging, wird ${facts.sendLogDays} Tage
aufbewahrt, andere Mails in Ihrer eigenen Sache ${facts.noticeDays} Tage. Wenn Sie die Löschung verlangen, geht alles bis auf
einen Nachweis Ihrer Entscheidungen ohne Name und Adresse, für ${facts.consentProofYears} Jahre, und den verschlüsselten
Fingerabdruck. [Jede Art von Daten mit ihrer Frist](/privacy/retention) ist aufgeführt.

## Cookies
Die Seiten setzen keine, bis Sie um etwas bitten, das einen braucht. [Jeder Cookie, den es gibt](/cookies), ist
mit Zweck und Dauer aufgeführt, und was nicht nötig ist, wird dort vorher gefragt. Sendet Ihr Browser das Signal der Global
Privacy Control, ist das ein Nein zu alledem.

## Links zu anderen Sites
Sie haben ihre eigene Datenschutzerklärung, und wir stehen nicht ein für das, was sie tun. Jeder solche Link sagt es, in
Mails und auf unseren Seiten. [Die, die wir empfehlen](/links), sind aufgeführt; sagen Sie uns dort, was Sie finden, ohne zu
sagen, wer Sie sind.

## Ihre Rechte
Sie können Ihre Daten einsehen, berichtigen, mitnehmen und löschen lassen, ihre Verwendung einschränken oder ihr
widersprechen und jedes Ja jederzeit in einem Schritt widerrufen; was vorher geschah, bleibt rechtmäßig. Jede Mail enthält einen
Link zum Abmelden; [Ihre eigene Seite](/p/data) tut das Übrige, oder schreiben Sie uns. Sie können sich bei einer
Aufsichtsbehörde beschweren${facts.supervisoryAuthority ? `: ${facts.supervisoryAuthority}` : ', etwa an Ihrem Wohnort'}.

## Ob Sie uns etwas mitteilen müssen
Nein. Ohne Adresse können wir Ihnen nichts senden; ohne Namen ändert sich nichts.

## Automatische Entscheidungen
Es gibt keine über Sie und keine Profile. Grenzen, wie oft wir schreiben, gelten für alle gleich.

## Kinder
Wer unter ${facts.minimumAge} ist, kann sich nicht anmelden. Wir fragen zuerst nach Monat und Jahr der Geburt, prüfen sie
einmal und behalten nichts davon.

## Änderungen
Jede Fassung dieser Seite bleibt lesbar. Ändert sich Wesentliches, ruht die Post, bis Sie dem neu zugestimmt haben.
`
