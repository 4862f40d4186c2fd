// The mail with the link by which staff choose a password. It quotes nothing that anybody typed.
import { message } from '../messages'
import { Button, type ComposedMail, mailSheet, type SheetProps, senderLines } from './mail-sheet'
import { styles } from './mail-style'

export interface StaffLinkMailProps extends SheetProps {
  kind: 'invitation' | 'reset'
  url: string
  minutes: number
}

/** The same props give the same bytes; HTML and text say the same. */
export function staffLinkMail(props: StaffLinkMailProps): ComposedMail {
  const words = wordsOf(props)
  const paragraphs = [words.title, words.asked, `${words.button}: ${props.url}`, words.limits, words.notYou]
  return {
    subject: words.subject,
    html: mailSheet({ ...props, subject: words.subject, children: <Body {...props} /> }),
    text: `${[...paragraphs, senderLines(props).join('\n')].join('\n\n')}\n`,
  }
}

function Body(props: StaffLinkMailProps) {
  const words = wordsOf(props)
  return (
    <>
      <h1 class="ink" style={styles.title}>
        {words.title}
      </h1>
      <p class="ink" style={styles.text}>
        {words.asked}
      </p>
      <Button label={words.button} url={props.url} />
      <p class="soft" style={styles.small}>
        {words.limits}
      </p>
      <p class="ink" style={styles.text}>
        {words.notYou}
      </p>
    </>
  )
}

function wordsOf({ locale, siteName, kind, minutes }: StaffLinkMailProps) {
  const mail = `mail.staff.${kind}` as const
  return {
    subject: message(locale, `${mail}.subject`, { site: siteName }),
    title: message(locale, `${mail}.title`),
    asked: message(locale, `${mail}.asked`, { site: siteName }),
    button: message(locale, 'mail.staff.button'),
    limits:
      minutes < 120
        ? message(locale, 'mail.staff.minutes', { minutes })
        : message(locale, 'mail.staff.hours', { hours: minutes / 60 }),
    notYou: message(locale, 'mail.staff.notYou'),
  }
}
