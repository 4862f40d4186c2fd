// The mail that says that somebody's data was released to an authority: to whom, on what basis, what they asked for.
import { message } from '../messages'
import { type ComposedMail, mailSheet, type SheetProps, senderLines } from './mail-sheet'
import { styles } from './mail-style'

export interface LawfulDisclosureMailProps extends SheetProps {
  authority: string
  basis: string
  fileNumber: string
  scope: string | null
  at: Date
}

/** It has no link: there is nothing to press. The same props give the same bytes. */
export function lawfulDisclosureMail(props: LawfulDisclosureMailProps): ComposedMail {
  const { locale, siteName, authority, basis, fileNumber, scope, at } = props
  const subject = message(locale, 'mail.disclosed.subject', { site: siteName })
  const title = message(locale, 'mail.disclosed.title')
  const texts = [
    message(locale, 'mail.disclosed.what', { site: siteName, authority, at }),
    message(locale, 'mail.disclosed.basis', { basis, fileNumber }),
    ...(scope ? [message(locale, 'mail.disclosed.scope', { scope })] : []),
    message(locale, 'mail.disclosed.how'),
    message(locale, 'mail.disclosed.rights'),
  ]
  const body = (
    <>
      <h1 class="ink" style={styles.title}>
        {title}
      </h1>
      {texts.map(text => (
        <p key={text} class="ink" style={styles.text}>
          {text}
        </p>
      ))}
    </>
  )
  const parts = [title, ...texts, senderLines(props).join('\n')]
  return { subject, html: mailSheet({ ...props, subject, children: body }), text: `${parts.join('\n\n')}\n` }
}
