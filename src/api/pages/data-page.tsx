// What a reader may do with their data, each act a form of its own: it works without JavaScript.
import type { ComponentChildren, VNode } from 'preact'
import { message } from '../../messages'
import type { DataOutcome } from '../data-acts'
import { Address } from './confirm-page'
import { ErrorSummary, type FieldError, TextField, Words } from './form-parts'
import { type PageFrame, page } from './layout'
import { messagePage } from './message-page'

export interface DataPageProps extends PageFrame {
  maskedEmail: string
  minutes: number
  /** A mailed code was entered in the last half hour. */
  isProved: boolean
  restrictedAt: Date | null
  outcome: DataOutcome
}

export function dataPage(props: DataPageProps): string {
  const { locale, siteName, outcome, maskedEmail } = props
  const title = message(locale, 'data.title', { site: siteName })
  const errors = errorsOf(props)
  return page({
    frame: props,
    title: errors.length > 0 ? message(locale, 'page.errorPrefix', { title }) : title,
    noindex: true,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <h1>{title}</h1>
        <Done {...props} />
        <p>
          <Words locale={locale} text="data.who" values={{ address: <Address masked={maskedEmail} /> }} />
        </p>
        {!props.isProved && <CodeStep {...props} errors={errors} hasCode={hasCode(outcome)} />}
        <Section {...props} name="export" />
        {props.restrictedAt ? (
          <Lift {...props} at={props.restrictedAt} />
        ) : (
          <Section {...props} name="restrict" />
        )}
        <Section {...props} name="object" />
        <Section {...props} name="erase">
          <div class="choice">
            <input type="checkbox" name="confirm" value="yes" id="field-confirm" />
            <label for="field-confirm">{message(locale, 'data.erase.confirm')}</label>
          </div>
        </Section>
      </>
    ),
  })
}

const hasCode = (outcome: DataOutcome): boolean => outcome.kind === 'code-sent' || outcome.kind === 'refused'

function errorsOf({ locale, outcome }: DataPageProps): FieldError[] {
  if (outcome.kind !== 'refused') return []
  const fields = { 'code.wrong': 'code', 'erase.confirmNeeded': 'confirm', 'export.tooMany': '' } as const
  return [{ field: fields[outcome.why], message: message(locale, `data.${outcome.why}`) }]
}

/** What the button that was pressed has done. */
function Done({ locale, outcome, maskedEmail, minutes }: DataPageProps): VNode | null {
  const say = (text: string, passed = 0): VNode => (
    <p class="lead" role="status">
      {text} {passed > 0 && message(locale, 'data.passed', { count: passed })}
    </p>
  )
  switch (outcome.kind) {
    case 'code-sent':
      return say(message(locale, 'data.code.sent', { address: maskedEmail, minutes }))
    case 'proved':
      return say(message(locale, 'data.code.done', { minutes }))
    case 'export-asked':
      return say(message(locale, 'data.export.asked'))
    case 'restricted':
      return say(
        message(locale, outcome.at ? 'data.restrict.done' : 'data.unrestrict.done'),
        outcome.alreadyPassed,
      )
    case 'objected':
      return say(message(locale, 'data.object.done'), outcome.alreadyPassed)
    default:
      return null
  }
}

function CodeStep({
  locale,
  errors,
  hasCode,
}: DataPageProps & { errors: FieldError[]; hasCode: boolean }): VNode {
  return (
    <section aria-labelledby="data-code">
      <h2 id="data-code">{message(locale, 'data.code.title')}</h2>
      <p>{message(locale, 'data.code.text')}</p>
      {hasCode && (
        <Act act="prove" button={message(locale, 'data.code.button')} isMain>
          <TextField
            name="code"
            label={message(locale, 'data.code.label')}
            errors={errors}
            value={undefined}
            required
            maxlength={20}
            autocomplete="one-time-code"
            inputmode="numeric"
          />
        </Act>
      )}
      <Act
        act="send"
        button={message(locale, hasCode ? 'data.code.again' : 'data.code.send')}
        isMain={!hasCode}
      />
    </section>
  )
}

function Section(
  props: DataPageProps & { name: 'export' | 'restrict' | 'object' | 'erase'; children?: ComponentChildren },
): VNode {
  const { locale, name, children } = props
  return (
    <section aria-labelledby={`data-${name}`}>
      <h2 id={`data-${name}`}>{message(locale, `data.${name}.title`)}</h2>
      <p>{message(locale, `data.${name}.text`)}</p>
      <Act act={name} button={message(locale, `data.${name}.button`)}>
        {children}
      </Act>
    </section>
  )
}

function Lift({ locale, at }: DataPageProps & { at: Date }): VNode {
  return (
    <section aria-labelledby="data-unrestrict">
      <h2 id="data-unrestrict">{message(locale, 'data.restrict.title')}</h2>
      <p>{message(locale, 'data.unrestrict.text', { date: at })}</p>
      <Act act="unrestrict" button={message(locale, 'data.unrestrict.button')} />
    </section>
  )
}

function Act(props: { act: string; button: string; isMain?: boolean; children?: ComponentChildren }): VNode {
  return (
    <form method="post" action="/p/data" class="act" novalidate>
      {props.children}
      <input type="hidden" name="act" value={props.act} />
      <button type="submit" class={props.isMain ? 'main-button' : 'second-button'}>
        {props.button}
      </button>
    </form>
  )
}

/** Nobody is logged in in this browser. */
export const dataLoginPage = (frame: PageFrame): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'data.login.title'),
    text: message(frame.locale, 'data.login.text'),
  })

export const dataErasedPage = (frame: PageFrame & { alreadyPassed: number }): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'data.erased.title'),
    text: [
      message(frame.locale, 'data.erased.text'),
      ...(frame.alreadyPassed > 0
        ? [message(frame.locale, 'data.passed', { count: frame.alreadyPassed })]
        : []),
    ].join(' '),
  })
