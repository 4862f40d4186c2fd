// The two mails about another address: the link to the new one, and word of it to the old one. Neither names the other.
import { message } from '../messages'
import { Button, type ComposedMail, mailSheet, type SheetProps, senderLines } from './mail-sheet'
import { styles } from './mail-style'

export interface AddressMailProps extends SheetProps {
  kind: 'new' | 'old'
  /** Of the new address: what confirms it. */
  url: string | undefined
  hours: number
}

/** The same props give the same bytes; HTML and text say the same. */
export function addressMail(props: AddressMailProps): ComposedMail {
  const words = wordsOf(props)
  const button = props.url && `${words.button}: ${props.url}`
  const paragraphs = [words.title, words.text, button, words.limits, words.notYou]
  return {
    subject: words.subject,
    html: mailSheet({ ...props, subject: words.subject, children: <Body {...props} /> }),
    text: `${[...paragraphs, senderLines(props).join('\n')].filter(Boolean).join('\n\n')}\n`,
  }
}

function Body(props: AddressMailProps) {
  const words = wordsOf(props)
  return (
    <>
      <h1 class="ink" style={styles.title}>
        {words.title}
      </h1>
      <p class="ink" style={styles.text}>
        {words.text}
      </p>
      {props.url && <Button label={words.button} url={props.url} />}
      {words.limits && (
        <p class="soft" style={styles.small}>
          {words.limits}
        </p>
      )}
      <p class="ink" style={styles.text}>
        {words.notYou}
      </p>
    </>
  )
}

function wordsOf({ locale, siteName, kind, hours, contact }: AddressMailProps) {
  const mail = `mail.address.${kind}` as const
  return {
    subject: message(locale, `${mail}.subject`, { site: siteName }),
    title: message(locale, `${mail}.title`),
    text: message(locale, `${mail}.text`, { site: siteName }),
    button: message(locale, 'mail.address.button'),
    limits: kind === 'new' ? message(locale, 'mail.address.limits', { hours }) : undefined,
    notYou: message(locale, `${mail}.notYou`, { contact }),
  }
}
