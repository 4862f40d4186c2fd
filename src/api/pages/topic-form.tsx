// One topic with its choices; the link page and the reader's own page differ in what may be chosen.
import type { VNode } from 'preact'
import { Frequency } from '../../entities/consent'
import { type MessageKey, message } from '../../messages'
import { Hidden } from './form-parts'
import { Radios } from './radios'

export const OFF = 'OFF'

export interface TopicSetting {
  slug: string
  title: string
  description: string
  cadence: string | null
  purposeVersion: number
  isOn: boolean
  /** The yes has run out, or a material policy has come since: nothing comes until it is said again. */
  isLapsed: boolean
  frequency: Frequency
  pausedUntil: Date | null
}

/** From the most to the least mail. */
const CHOICES = [Frequency.EVERY_ISSUE, Frequency.AT_MOST_WEEKLY, Frequency.AT_MOST_MONTHLY]

interface TopicFormProps {
  locale: string
  action: string
  topic: TopicSetting
  /** Without a log-in only what is no more than now. */
  onlyLess: boolean
  policyVersion: string
}

export function TopicForm({ locale, action, topic, onlyLess, policyVersion }: TopicFormProps): VNode {
  const { slug, title, description, cadence, isOn, isLapsed, pausedUntil, purposeVersion } = topic
  // A yes that has lapsed can be taken back by a link, and said again by who is logged in.
  const now = isOn && (onlyLess || !isLapsed) ? topic.frequency : OFF
  const from = onlyLess ? CHOICES.indexOf(topic.frequency) : 0
  const options = [...CHOICES.slice(from), OFF].map(value => ({
    value,
    label: message(locale, `frequency.${value}` as MessageKey),
  }))
  const hidden = { act: 'topic', slug, policyVersion, purposeVersion: String(purposeVersion) }
  // A mailed link's page has nothing above its topics but the title; settings have a heading over them.
  const Heading = onlyLess ? 'h2' : 'h3'
  return (
    <section aria-labelledby={`topic-${slug}`} class="card">
      <Heading id={`topic-${slug}`}>{title}</Heading>
      {cadence && <p class="cadence">{cadence}</p>}
      {!onlyLess && <p class="about">{description}</p>}
      {isOn && pausedUntil && <p>{message(locale, 'centre.topic.paused', { date: pausedUntil })}</p>}
      <form method="post" action={action}>
        <Hidden values={hidden} />
        <Radios
          name="choice"
          legend={message(locale, 'centre.topic.legend', { topic: title })}
          options={options}
          checked={now}
        />
        <button type="submit" class="second-button">
          {message(locale, 'centre.save')}
          <span class="visually-hidden"> {title}</span>
        </button>
      </form>
    </section>
  )
}
