// The words of the declarations (entities/, @Personal) in German, for the published retention page. `npm run check` finds
// the ones that are missing.

export const declaredInGerman: Readonly<Record<string, string>> = {
  'how many people were on a page on a day, saw an advertisement or pressed a link':
    'wie viele Menschen an einem Tag auf einer Seite waren, eine Anzeige sahen oder einem Link folgten',
  'to see what is read; a number alone, counted only with a yes':
    'um zu sehen, was gelesen wird; eine bloße Zahl, gezählt nur mit einem Ja',
  'e-mail address': 'E-Mail-Adresse',
  'to send what was asked for and to recognise the person':
    'um zu senden, was bestellt wurde, und die Person wiederzuerkennen',
  'the part of the e-mail address after the @': 'der Teil der E-Mail-Adresse hinter dem @',
  'to send no faster than that mail provider wants':
    'um nicht schneller zu senden, als dieser Mail-Anbieter möchte',
  'name, if given': 'Name, falls angegeben',
  'to address the person by it, where personalisation was agreed to':
    'für die Anrede, wo in Personalisierung eingewilligt wurde',
  'language and time zone': 'Sprache und Zeitzone',
  'to write in that language, at a reasonable hour':
    'um in dieser Sprache und zu einer passenden Uhrzeit zu schreiben',
  'whether mail is paused, restricted or impossible':
    'ob Mails unterbrochen, eingeschränkt oder unmöglich sind',
  'to send nothing while that holds': 'um solange nichts zu senden',
  'when the person signed up and confirmed': 'wann die Person sich angemeldet und das bestätigt hat',
  'to show that they asked for mail': 'um zu zeigen, dass die Mails gewünscht waren',
  'random numbers that stand for the person': 'Zufallszahlen, die für die Person stehen',
  'to keep data together without the address': 'um Daten ohne die Adresse zusammenzuhalten',
  'what the person said yes or no to, when, and to which words':
    'wozu die Person Ja oder Nein gesagt hat, wann und zu welchem Wortlaut',
  'to send only what was agreed to': 'um nur zu senden, worin eingewilligt wurde',
  'that the person was asked to renew a yes, why and when':
    'dass die Person gebeten wurde, ein Ja zu erneuern, warum und wann',
  'to ask only once': 'um nur einmal zu fragen',
  'which files of readers or suppressions somebody of staff had taken in':
    'welche Dateien mit Lesern oder Sperren jemand vom Team übernehmen ließ',
  'to show where imported readers came from': 'um zu zeigen, woher übernommene Leser stammen',
  'how often the person wants mail': 'wie oft die Person Mails möchte',
  'to send no more often': 'um nicht öfter zu senden',
  'each yes and no with its words, time and way, under a random number':
    'jedes Ja und Nein mit Wortlaut, Zeit und Weg, unter einer Zufallszahl',
  'to prove consent, which the law asks for': 'um die Einwilligung nachzuweisen, was das Gesetz verlangt',
  'a sign-up that waits for its confirmation: e-mail address, name if given, language, choices':
    'eine Anmeldung, die auf ihre Bestätigung wartet: E-Mail-Adresse, Name falls angegeben, Sprache, Auswahl',
  'to ask the owner of the address whether they want it':
    'um die Person, der die Adresse gehört, zu fragen, ob sie das will',
  'that a code was asked for, for which address (as a keyed hash), and whether it was used':
    'dass ein Code verlangt wurde, für welche Adresse (als Hashwert mit Schlüssel) und ob er benutzt wurde',
  'to log in without a password': 'um sich ohne Passwort anzumelden',
  'log-ins: when, how, and what the device calls itself':
    'Anmeldungen am System: wann, wie und wie das Gerät sich nennt',
  'to stay logged in, and to end a log-in': 'um angemeldet zu bleiben und eine Anmeldung zu beenden',
  'when newsletters went out to the person': 'wann Newsletter an die Person hinausgingen',
  'to keep the promised frequency': 'um die zugesagte Häufigkeit einzuhalten',
  'for each newsletter whether it was sent to the person, and if not, why':
    'zu jedem Newsletter, ob er an die Person gesandt wurde, und wenn nicht, warum',
  'to account for each mail and to find faults':
    'um über jede Mail Rechenschaft zu geben und Fehler zu finden',
  'mails that are tried again, and when': 'Mails, die noch einmal versucht werden, und wann',
  'to deliver them after a passing fault': 'um sie nach einer vorübergehenden Störung zuzustellen',
  'what staff decided about a mail with an unknown outcome':
    'was das Team über eine Mail mit unbekanntem Ausgang entschieden hat',
  'which mails about the person’s own business were sent (confirmations, codes), to which address (as a keyed hash)':
    'welche Mails in eigener Sache der Person gesandt wurden (Bestätigungen, Codes), an welche Adresse (als Hashwert mit Schlüssel)',
  'to send them once, and never too many': 'um sie einmal und nie zu viele zu senden',
  'which admin made an API key': 'wer im Team einen API-Schlüssel angelegt hat',
  'to end it with that person’s access': 'damit er mit dem Zugang dieser Person endet',
  'that an address (as a keyed hash) gets no mail, since when and why':
    'dass eine Adresse (als Hashwert mit Schlüssel) keine Mails bekommt, seit wann und warum',
  'to keep it that way, also after erasure': 'damit das so bleibt, auch nach dem Löschen',
  'who of staff did what, when and why, under random numbers':
    'wer im Team wann was warum getan hat, unter Zufallszahlen',
  'to answer for what was done': 'um für das Getane einzustehen',
  'name and e-mail address of staff': 'Name und E-Mail-Adresse im Team',
  'to know who works with the site, and to reach them':
    'um zu wissen, wer mit der Website arbeitet, und sie zu erreichen',
  'role, password (as a hash) and second factor of staff':
    'Rolle, Passwort (als Hashwert) und zweiter Faktor im Team',
  'to let in those who may, and nobody else': 'um einzulassen, wer darf, und sonst niemanden',
  'when staff were added, confirmed, last seen and disabled':
    'wann jemand zum Team kam, bestätigt, zuletzt gesehen und gesperrt wurde',
  'to find accounts nobody needs': 'um Zugänge zu finden, die niemand braucht',
  'log-ins of staff: when and how': 'Anmeldungen des Teams am System: wann und wie',
  'wrong passwords and codes, counted by account and network (as keyed hashes)':
    'falsche Passwörter und Codes, gezählt nach Zugang und Netz (als Hashwerte mit Schlüssel)',
  'to stop guessing': 'um Raten zu verhindern',
  'who of staff wrote and last changed a newsletter':
    'wer im Team einen Newsletter geschrieben und zuletzt geändert hat',
  'to have it approved by somebody else': 'damit jemand anderes ihn freigibt',
  'that mail is to go to another e-mail address, which one, and which it was before':
    'dass Mail an eine andere E-Mail-Adresse gehen soll, an welche, und welche es vorher war',
  'to ask the new address for its yes, and to tell the old one':
    'um die neue Adresse um ihr Ja zu bitten und der alten davon zu berichten',
  'requests for a copy or for erasure: when, what became of them, and what an erasure removed':
    'Anfragen nach einer Kopie oder nach Löschung: wann, was daraus wurde und was eine Löschung entfernt hat',
  'to show that they were answered in time': 'um zu zeigen, dass sie rechtzeitig beantwortet wurden',
  'a copy of all of this, while it waits to be downloaded':
    'eine Kopie von alledem, solange sie auf das Herunterladen wartet',
  'to hand it over to the person': 'um sie der Person zu übergeben',
  'to which third party data was passed, what for and when':
    'an welchen Dritten Daten weitergegeben wurden, wofür und wann',
  'whether your data was released to an authority or court: when, on whose decision, and what was asked for':
    'ob Ihre Daten an eine Behörde oder ein Gericht herausgegeben wurden: wann, auf wessen Entscheidung und was gefragt war',
  'to answer for it, and to be able to say who got it':
    'um dafür einzustehen und sagen zu können, wer sie bekommen hat',
  'to be able to say who got it': 'um sagen zu können, wer sie bekommen hat',
  'the random number under which a third party knows the person':
    'die Zufallszahl, unter der ein Dritter die Person kennt',
  'to tell it when the data has to be deleted': 'um ihm zu sagen, wann die Daten zu löschen sind',
  'which links to other sites somebody of staff proposed and reviewed, and when':
    'welche Links zu anderen Sites jemand vom Team vorgeschlagen und geprüft hat, und wann',
  'so that two people look at what the site links to':
    'damit zwei Menschen ansehen, worauf die Site verweist',
  'what somebody wrote about a link to another site, without saying who it was':
    'was jemand zu einem Link zu einer anderen Site schrieb, ohne zu sagen, wer es war',
  'to look after the sites we link to': 'um auf die Sites zu achten, auf die wir verweisen',
}
