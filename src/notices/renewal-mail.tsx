// The mail that asks whether a yes still stands: why, for what, and that doing nothing ends it.
import type { RenewalReason } from '../entities/renewal'
import { message } from '../messages'
import { Button, type ComposedMail, mailSheet, type SheetProps, senderLines } from './mail-sheet'
import { styles } from './mail-style'

export interface RenewalMailProps extends SheetProps {
  reason: RenewalReason
  /** What there is to renew, in the site's words. */
  purposes: readonly { title: string; cadence: string | null }[]
  /** Of the policy in force; null where nobody wrote one. */
  changeSummary: string | null
  url: string
  policyUrl: string
  /** When the first of them ends by itself; said where that is why the mail goes. */
  endsAt: Date
}

/** The same props give the same bytes; HTML and text say the same. */
export function renewalMail(props: RenewalMailProps): ComposedMail {
  const words = wordsOf(props)
  return {
    subject: words.subject,
    html: mailSheet({ ...props, subject: words.subject, children: <Body {...props} /> }),
    text: `${[
      words.title,
      words.asked,
      words.changes,
      words.policy && `${words.policy}: ${props.policyUrl}`,
      words.purposes.map(line => `- ${line}`).join('\n'),
      `${words.button}: ${props.url}`,
      words.page,
      words.nothing,
      senderLines(props).join('\n'),
    ]
      .filter(Boolean)
      .join('\n\n')}\n`,
  }
}

function Body(props: RenewalMailProps) {
  const words = wordsOf(props)
  return (
    <>
      <h1 class="ink" style={styles.title}>
        {words.title}
      </h1>
      <p class="ink" style={styles.text}>
        {words.asked}
      </p>
      {words.changes && (
        <p class="ink" style={styles.text}>
          {words.changes}
        </p>
      )}
      {words.policy && (
        <p class="ink" style={styles.text}>
          <a class="link" href={props.policyUrl} style={styles.link}>
            {words.policy}
          </a>
        </p>
      )}
      <ul class="ink" style={styles.text}>
        {words.purposes.map(line => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Button label={words.button} url={props.url} />
      <p class="soft" style={styles.small}>
        {words.page}
      </p>
      <p class="ink" style={styles.text}>
        {words.nothing}
      </p>
    </>
  )
}

function wordsOf({ locale, siteName, reason, purposes, changeSummary, endsAt }: RenewalMailProps) {
  const kind = `mail.renew.${reason}` as const
  const isPolicy = reason === 'POLICY'
  return {
    subject: message(locale, `${kind}.subject`, { site: siteName }),
    title: message(locale, `${kind}.title`),
    asked: message(locale, `${kind}.asked`, { site: siteName }),
    changes:
      isPolicy && changeSummary ? message(locale, 'mail.renew.changes', { changes: changeSummary }) : '',
    policy: isPolicy ? message(locale, 'mail.renew.policy') : '',
    purposes: purposes.map(({ title, cadence }) =>
      cadence ? message(locale, 'mail.confirm.topic', { title, cadence }) : title,
    ),
    button: message(locale, 'mail.renew.button'),
    page: message(locale, 'mail.renew.page'),
    nothing: message(locale, `${kind}.nothing`, { date: endsAt }),
  }
}
