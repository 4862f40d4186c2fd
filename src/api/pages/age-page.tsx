// Step 1 of signing up: the age step, before a name or an address can be typed (K1). Neutral: no limit, no default, no hint.
import type { VNode } from 'preact'
import { message } from '../../messages'
import { ErrorSummary, errorAt, type FieldError, FieldErrorText, fieldId, Hidden } from './form-parts'
import { type LanguageLink, type PageFrame, page } from './layout'
import { type TopicLine, TopicList } from './topic-list'

export interface AgePageProps extends PageFrame {
  /** What can be chosen in step 2; left out, the page does not mention it. */
  topics?: readonly TopicLine[]
  /** Fields: `birthMonth`, `birthYear`. */
  errors?: readonly FieldError[]
  values?: { birthMonth?: string; birthYear?: string }
  languages?: readonly LanguageLink[]
}

/** Asks for month and year of birth: POST /subscribe with step=age, birthMonth, birthYear, locale. */
export function agePage(props: AgePageProps): string {
  const { locale, siteName } = props
  const errors = props.errors ?? []
  const title = message(locale, 'age.title', { site: siteName })
  const tabTitle = errors.length > 0 ? message(locale, 'page.errorPrefix', { title }) : title
  return page({
    frame: props,
    title: tabTitle,
    noindex: errors.length > 0,
    languages: props.languages,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <p class="step">{message(locale, 'page.step', { step: 1, steps: 2 })}</p>
        <h1>{title}</h1>
        <Offer locale={locale} topics={props.topics ?? []} />
        <AgeForm {...props} errors={errors} />
      </>
    ),
  })
}

function Offer({ locale, topics }: { locale: string; topics: readonly TopicLine[] }): VNode | null {
  if (topics.length === 0) return null
  return (
    <section aria-labelledby="offer">
      <h2 id="offer" class="quiet-heading">
        {message(locale, 'age.topics')}
      </h2>
      <TopicList topics={topics} />
    </section>
  )
}

function AgeForm({ locale, errors, values }: AgePageProps & { errors: readonly FieldError[] }): VNode {
  return (
    <form method="post" action="/subscribe" novalidate>
      <Hidden values={{ step: 'age', locale }} />
      <fieldset aria-describedby="age-hint">
        <legend>{message(locale, 'age.legend')}</legend>
        <p class="hint" id="age-hint">
          {message(locale, 'age.hint')}
        </p>
        <FieldErrorText id="field-birthMonth-error" text={errorAt(errors, 'birthMonth')} />
        <FieldErrorText id="field-birthYear-error" text={errorAt(errors, 'birthYear')} />
        <div class="date-parts">
          <DatePart
            name="birthMonth"
            label={message(locale, 'age.month')}
            value={values?.birthMonth}
            errors={errors}
          />
          <DatePart
            name="birthYear"
            label={message(locale, 'age.year')}
            value={values?.birthYear}
            errors={errors}
          />
        </div>
      </fieldset>
      <button type="submit">{message(locale, 'age.button')}</button>
    </form>
  )
}

interface DatePartProps {
  name: 'birthMonth' | 'birthYear'
  label: string
  value: string | undefined
  errors: readonly FieldError[]
}

// Text with a number keyboard, not type=number: no spinner, no range, nothing that hints at a limit.
function DatePart({ name, label, value, errors }: DatePartProps): VNode {
  const id = fieldId(name)
  const wrong = errorAt(errors, name) !== undefined
  return (
    <div class={wrong ? 'date-part has-error' : 'date-part'}>
      <label for={id}>{label}</label>
      <input
        class={name === 'birthMonth' ? 'digits-2' : 'digits-4'}
        id={id}
        name={name}
        type="text"
        inputmode="numeric"
        value={value}
        maxlength={name === 'birthMonth' ? 2 : 4}
        autocomplete={name === 'birthMonth' ? 'bday-month' : 'bday-year'}
        required
        aria-invalid={wrong ? 'true' : undefined}
        aria-describedby={wrong ? `${id}-error` : undefined}
      />
    </div>
  )
}
