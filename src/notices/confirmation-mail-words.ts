// What the confirmation mail says, once for its HTML and its text part.
import { listInWords, type MessageKey, message } from '../messages'
import { type SheetProps, senderLines } from './mail-sheet'

/** On purpose without a field for name or address: what is not passed in cannot be quoted. */
export interface ConfirmationMailProps extends SheetProps {
  topics: readonly { title: string; cadence: string | null }[]
  /** Titles of what else was said yes to, such as personalisation. */
  otherPurposes: readonly string[]
  askedAt: Date
  confirmUrl: string
  /** "This wasn't me"; the confirm page offers it too, so it may be the same address. */
  denyUrl: string
  expiresHours: 72
}

// H2 allows 200 characters; beyond about 120 no inbox shows the rest, so a count says more than a cut-off list.
const LONGEST_SUBJECT = 120

/** "Confirm: Weekly and Jobs from SITE", or a count when the names are too long for an inbox. */
export function subjectOf({ locale, siteName, topics, otherPurposes }: ConfirmationMailProps): string {
  const names = topics.length > 0 ? topics.map(topic => topic.title) : otherPurposes
  const full = message(locale, 'mail.confirm.subject', { topics: listInWords(locale, names), site: siteName })
  if (full.length <= LONGEST_SUBJECT || topics.length === 0) return full
  return message(locale, 'mail.confirm.subjectCount', { count: topics.length, site: siteName })
}

/** Every sentence of the mail, once, for both parts. */
export function wordsOf(props: ConfirmationMailProps) {
  const { locale, siteName } = props
  const say = (key: MessageKey, values = {}): string => message(locale, key, values)
  return {
    title: say('mail.confirm.title'),
    asked: say('mail.confirm.asked', { site: siteName, date: props.askedAt }),
    purposes: say('mail.confirm.purposes'),
    button: say('mail.confirm.button'),
    page: say('mail.confirm.page'),
    nothing: say('mail.confirm.nothing', { hours: props.expiresHours }),
    deny: say('mail.confirm.deny'),
  }
}

/** The plain-text part. */
export function textOf(props: ConfirmationMailProps): string {
  const words = wordsOf(props)
  const purposes = props.otherPurposes.map(title => `- ${title}`).join('\n')
  const paragraphs = [
    words.title,
    words.asked,
    props.topics.map(topic => `- ${topicLine(props.locale, topic)}`).join('\n'),
    purposes && words.purposes,
    purposes,
    message(props.locale, 'mail.confirm.button.text', { url: props.confirmUrl }),
    words.page,
    words.nothing,
    message(props.locale, 'mail.confirm.deny.text', { url: props.denyUrl }),
    // "-- " would make mail programs fold away the legal part.
    senderLines(props).join('\n'),
  ]
  return `${paragraphs.filter(paragraph => paragraph !== '').join('\n\n')}\n`
}

function topicLine(locale: string, { title, cadence }: { title: string; cadence: string | null }): string {
  return cadence ? message(locale, 'mail.confirm.topic', { title, cadence }) : title
}
