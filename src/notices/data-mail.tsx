// The two mails about a person's own data: the copy is ready, with link and code; and the data is gone, the last one there is.
import { message } from '../messages'
import { Button, type ComposedMail, mailSheet, type SheetProps, senderLines } from './mail-sheet'
import { styles } from './mail-style'

export interface ExportMailProps extends SheetProps {
  code: string
  url: string
  hours: number
}

/** The same props give the same bytes; HTML and text say the same. */
export function exportMail(props: ExportMailProps): ComposedMail {
  const { locale, siteName, code, url, hours } = props
  const subject = message(locale, 'mail.export.subject', { site: siteName })
  const title = message(locale, 'mail.export.title')
  const asked = message(locale, 'mail.export.asked', { site: siteName })
  const button = message(locale, 'mail.export.button')
  const limits = message(locale, 'mail.export.limits', { hours })
  const notYou = message(locale, 'mail.export.notYou')
  const body = (
    <>
      <h1 class="ink" style={styles.title}>
        {title}
      </h1>
      <p class="ink" style={styles.text}>
        {asked}
      </p>
      <p class="ink" style={styles.code}>
        {code}
      </p>
      <Button label={button} url={url} />
      <p class="soft" style={styles.small}>
        {limits}
      </p>
      <p class="ink" style={styles.text}>
        {notYou}
      </p>
    </>
  )
  const parts = [title, asked, code, `${button}: ${url}`, limits, notYou, senderLines(props).join('\n')]
  return { subject, html: mailSheet({ ...props, subject, children: body }), text: `${parts.join('\n\n')}\n` }
}

/** Says what went and the one thing that stays. It has no link: there is nothing left to open. */
export function erasureMail(props: SheetProps): ComposedMail {
  const { locale, siteName } = props
  const subject = message(locale, 'mail.erasure.subject', { site: siteName })
  const title = message(locale, 'mail.erasure.title')
  const texts = [
    message(locale, 'mail.erasure.gone', { site: siteName }),
    message(locale, 'mail.erasure.kept'),
    message(locale, 'mail.erasure.last'),
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
