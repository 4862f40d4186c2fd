import type { PolicyFacts } from './policy-facts'

/** The headings follow Art. 13(1) and (2) GDPR. */
export const englishPolicy = (facts: PolicyFacts): string => `
We have a zero tolerance for spam. You get mail from us only if you asked for it and confirmed it, and you can stop it
in one step, at once. [Whether we keep what we promise](/promises) is shown from the running system.

## Who we are
${facts.siteName}, ${facts.postalAddress}, is responsible for what is described here. Write to ${facts.contact} about
anything on this page.

## What we collect
You can visit us without telling us anything. When you sign up we ask for your e-mail address and, if you like, a
name. We store both encrypted. We also keep your language and time zone, what you said yes or no to, when, and the words
you were shown, because we must be able to prove it, and which newsletters were sent to you.

## What we use it for, and on what basis
Only for what you said yes to: the newsletters you chose and, if you allow it, greeting you by name, and whatever else is
asked for by itself when you sign up. The legal basis is your consent (Art. 6(1)(a) GDPR). It ends when you take it back, and
after 24 months unless you renew it. We keep the proof of it because the law asks for that (Art. 6(1)(c), Art. 7(1) GDPR). To
keep others from signing you up again after you left, and to guard our service against abuse, we keep a keyed fingerprint of
your address and, for minutes, counters; that is our legitimate interest and yours (Art. 6(1)(f) GDPR).

## Who gets it
${facts.relays.length > 0 ? `The mail itself is handed to ${facts.relays.join(', ')}, under an agreement, and from there to your mail provider.` : 'The mail itself is handed to your mail provider by our own server.'}
Everybody else who helps us, what for, and whether an agreement stands, is [in a public list](/processors).
Nobody on it is given your data unless you said yes to that purpose, and every such passing is written down; you can see
those about you. An authority or court is given the data of one person where the law makes us or gives us the right: on a
written basis, approved by a second person (where there is none, a day later), written down, and told to you as soon as the law
allows. We do not sell, trade or pass on your address otherwise. Our mails have no tracking pixels and no personal
tracking links. We do not look at who opened what.

## Other countries
The software sends your data to no other country. Where somebody in the public list is in one, the list says so.

## How long we keep it
A sign-up that is not confirmed is deleted after 72 hours. Which newsletter was sent to you is kept for ${facts.sendLogDays} days,
other mails about your own business for ${facts.noticeDays} days. When you ask for deletion everything goes but a proof of your
choices without your name and address, for ${facts.consentProofYears} years, and the keyed fingerprint.
[Each kind of data with its period](/privacy/retention) is listed.

## Cookies
Pages set none until you ask for something that needs one. [Every cookie there is](/cookies), what for and how
long, is listed, and what is not needed is asked for there first. If your browser sends the signal of Global Privacy Control,
that is a no to all of it.

## Links to other sites
They have privacy policies of their own, and we do not answer for what they do. Every such link says so, in mails and on
our pages. [The ones we recommend](/links) are listed; tell us there what you find, without saying who you are.

## Your rights
You can see, correct, export and delete your data, restrict or object to its use, and take each yes back at any time, in one
step; what was done before stays lawful. Every mail has a link that unsubscribes you;
[your own page](/p/data) does the rest, or write to us. You can complain to a supervisory authority${facts.supervisoryAuthority ? `: ${facts.supervisoryAuthority}` : ', for instance where you live'}.

## Whether you have to tell us anything
No. Without an address we cannot send you anything; without a name nothing changes.

## Automated decisions
There are none about you, and no profiles. Limits on how often we write are the same for all.

## Children
Nobody under ${facts.minimumAge} can sign up. We ask for month and year of birth first, look at them once and keep nothing.

## Changes
Every version of this page stays readable. When something essential changes, mail stops until you have agreed to it anew.
`
