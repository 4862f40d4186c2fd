// The mail with the six digits: for logging in with a link beside them, for a fresh proof alone. Nothing a visitor typed.
import { message } from '../messages'
import { Button, type ComposedMail, mailSheet, type SheetProps, senderLines } from './mail-sheet'
import { styles } from './mail-style'

export interface CodeMailProps extends SheetProps {
  code: string
  /** Undefined: the code is a fresh proof, which no link may be. */
  loginUrl: string | undefined
  minutes: number
}

/** The same props give the same bytes; HTML and text say the same. */
export function codeMail(props: CodeMailProps): ComposedMail {
  const words = wordsOf(props)
  return {
    subject: words.subject,
    html: mailSheet({ ...props, subject: words.subject, children: <Body {...props} /> }),
    text: `${[
      words.title,
      words.asked,
      props.code,
      props.loginUrl && `${words.orLink}\n${props.loginUrl}`,
      words.limits,
      words.notYou,
      senderLines(props).join('\n'),
    ]
      .filter(Boolean)
      .join('\n\n')}\n`,
  }
}

function Body(props: CodeMailProps) {
  const words = wordsOf(props)
  return (
    <>
      <h1 class="ink" style={styles.title}>
        {words.title}
      </h1>
      <p class="ink" style={styles.text}>
        {words.asked}
      </p>
      <p class="ink" style={styles.code}>
        {props.code}
      </p>
      {props.loginUrl && (
        <>
          <p class="ink" style={styles.text}>
            {words.orLink}
          </p>
          <Button label={words.button} url={props.loginUrl} />
        </>
      )}
      <p class="soft" style={styles.small}>
        {words.limits}
      </p>
      <p class="ink" style={styles.text}>
        {words.notYou}
      </p>
    </>
  )
}

function wordsOf({ locale, siteName, loginUrl, minutes }: CodeMailProps) {
  const kind = loginUrl ? 'mail.login' : 'mail.proof'
  return {
    subject: message(locale, `${kind}.subject`, { site: siteName }),
    title: message(locale, `${kind}.title`),
    asked: message(locale, `${kind}.asked`, { site: siteName }),
    orLink: message(locale, 'mail.login.orLink'),
    button: message(locale, 'mail.login.button'),
    limits: message(locale, 'mail.code.limits', { minutes }),
    notYou: message(locale, `${kind}.notYou`),
  }
}
