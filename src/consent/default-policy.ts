// The first privacy policy of a new site: says what the software does and nothing else.
import type { PolicyText } from './policies'

export interface SiteFacts {
  siteName: string
  contact: string
  postalAddress: string
  minimumAge: number
}

/** English and German, Markdown. */
export const defaultPolicy = (facts: SiteFacts): PolicyText[] => [
  { locale: 'en', title: 'Privacy policy', markdown: english(facts) },
  { locale: 'de', title: 'Datenschutzerklärung', markdown: german(facts) },
]

const english = ({ siteName, contact, postalAddress, minimumAge }: SiteFacts): string => `
We have a zero tolerance for spam. You get mail from us only if you asked for it and confirmed it, and you can stop it
in one step, at once.

## Who we are
${siteName}, ${postalAddress}. Write to ${contact} about anything on this page.

## What we collect
You can visit us without telling us anything. When you sign up we ask for your e-mail address and, if you like, a
name. We store both encrypted. We also keep what you said yes or no to, when, and the words you were shown, because we
must be able to prove it.

## What we use it for
Only for what you said yes to: the newsletters you chose and, if you allow it, greeting you by name. The legal basis is
your consent (Art. 6(1)(a) GDPR). It ends when you take it back, and after 24 months unless you renew it.

## What we do not do
We do not sell, trade or pass on your address. Our mails have no tracking pixels and no personal tracking links. We do
not look at who opened what.

## How long we keep it
A sign-up that is not confirmed is deleted after 72 hours. After you leave, we keep a proof of your choices without your
name and address, and a keyed fingerprint of your address so that nobody can sign you up again against your will.

## Your rights
You can see, correct, export and delete your data, restrict or object to its use, and complain to a supervisory
authority. Every mail has a link that unsubscribes you; for the rest, write to us.

## Children
Nobody under ${minimumAge} can sign up. We ask for month and year of birth first, look at them once and keep nothing.
`

const german = ({ siteName, contact, postalAddress, minimumAge }: SiteFacts): string => `
Wir dulden keinen Spam. Sie bekommen von uns nur Post, die Sie bestellt und bestätigt haben, und Sie können sie
jederzeit in einem Schritt beenden, sofort.

## Wer wir sind
${siteName}, ${postalAddress}. Zu allem auf dieser Seite erreichen Sie uns unter ${contact}.

## Was wir erheben
Sie können uns besuchen, ohne uns etwas mitzuteilen. Wenn Sie sich anmelden, fragen wir nach Ihrer E-Mail-Adresse und,
wenn Sie möchten, nach einem Namen. Beides speichern wir verschlüsselt. Außerdem halten wir fest, wozu Sie Ja oder Nein
gesagt haben, wann, und welchen Text Sie dabei gesehen haben, weil wir es belegen müssen.

## Wofür wir es verwenden
Nur wofür Sie Ja gesagt haben: für die gewählten Newsletter und, wenn Sie es erlauben, für die Anrede mit Namen.
Rechtsgrundlage ist Ihre Einwilligung (Art. 6 Abs. 1 lit. a DSGVO). Sie endet, wenn Sie sie widerrufen, und nach 24
Monaten, wenn Sie sie nicht erneuern.

## Was wir nicht tun
Wir verkaufen, tauschen oder übermitteln Ihre Adresse nicht. Unsere Mails enthalten keine Zählpixel und keine
persönlichen Zähl-Links. Wir sehen nicht nach, wer was geöffnet hat.

## Wie lange wir es aufbewahren
Eine unbestätigte Anmeldung wird nach 72 Stunden gelöscht. Nach Ihrer Abmeldung behalten wir einen Nachweis Ihrer
Entscheidungen ohne Name und Adresse und einen verschlüsselten Fingerabdruck Ihrer Adresse, damit niemand Sie gegen
Ihren Willen wieder anmelden kann.

## Ihre Rechte
Sie können Ihre Daten einsehen, berichtigen, mitnehmen und löschen lassen, ihre Verwendung einschränken oder ihr
widersprechen und sich bei einer Aufsichtsbehörde beschweren. Jede Mail enthält einen Link zum Abmelden; für alles
andere schreiben Sie uns.

## Kinder
Wer unter ${minimumAge} ist, kann sich nicht anmelden. Wir fragen zuerst nach Monat und Jahr der Geburt, prüfen sie
einmal und behalten nichts davon.
`
