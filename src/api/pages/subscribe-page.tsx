// Step 2 of signing up, and the two answers. One unticked box per purpose (O3); reading the policy is not a consent.
import type { VNode } from 'preact'
import { message } from '../../messages'
import { Challenge } from './challenge'
import { ChoiceGroup, type PurposeChoice } from './choice-group'
import { ErrorSummary, type FieldError, Hidden, TextField, Words } from './form-parts'
import { type LanguageLink, type PageFrame, page } from './layout'

export interface SignUpPageProps extends PageFrame {
  agePass: string
  /** The idempotency key of this form. */
  formId: string
  policy: { version: string; effectiveAt: Date }
  topics: readonly PurposeChoice[]
  otherPurposes: readonly PurposeChoice[]
  /** Fields: `name`, `email`, `purposes` (the group of boxes), or empty for the whole form. */
  errors?: readonly FieldError[]
  /** What the visitor entered, when the form is shown again. `purposes`: the keys of the boxes they ticked. */
  values?: { name?: string; email?: string; purposes?: readonly string[] }
  /** A proof of work the browser does before the form can be sent. */
  challenge?: string
  languages?: readonly LanguageLink[]
}

/** The name of a field that people do not see: what fills it in is a program. */
export const HONEYPOT = 'remark'

/** POST /subscribe with step=details, agePass, policyVersion, formId, locale, name, email and `purpose:KEY`=version per tick. */
export function signUpPage(props: SignUpPageProps): string {
  const { locale } = props
  const errors = props.errors ?? []
  const title = message(locale, 'signup.title')
  return page({
    frame: props,
    title: errors.length > 0 ? message(locale, 'page.errorPrefix', { title }) : title,
    noindex: true,
    languages: props.languages,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <p class="step">{message(locale, 'page.step', { step: 2, steps: 2 })}</p>
        <h1>{title}</h1>
        <form method="post" action="/subscribe" novalidate>
          <Hidden values={hiddenValues(props)} />
          <Choices {...props} errors={errors} />
          <About {...props} errors={errors} />
          <Trap locale={locale} />
          <PolicyNote {...props} />
          {props.challenge && <Challenge locale={locale} challenge={props.challenge} />}
          <button type="submit">{message(locale, 'signup.button')}</button>
          <p class="after-button">{message(locale, 'signup.after')}</p>
        </form>
      </>
    ),
  })
}

/** The answer to a visitor who cannot be signed up: no reason, nothing to try again (K3). */
export function refusedPage(frame: PageFrame): string {
  const title = message(frame.locale, 'signup.refused.title')
  return page({
    frame,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(frame.locale, 'signup.refused.text')}</p>
      </>
    ),
  })
}

/** The same answer for known and unknown addresses (DESIGN I11). */
export function checkInboxPage(frame: PageFrame & { hours?: number }): string {
  const { locale } = frame
  const title = message(locale, 'signup.done.title')
  const again = <a href="/subscribe">{message(locale, 'signup.done.again')}</a>
  return page({
    frame,
    title,
    noindex: true,
    children: (
      <>
        <h1>{title}</h1>
        <p class="lead">{message(locale, 'signup.done.text', { hours: frame.hours ?? 72 })}</p>
        <p class="quiet">
          <Words locale={locale} text="signup.done.help" values={{ again }} />
        </p>
      </>
    ),
  })
}

function hiddenValues(props: SignUpPageProps): Record<string, string> {
  const { agePass, policy, formId, locale } = props
  return { step: 'details', agePass, policyVersion: policy.version, formId, locale }
}

type WithErrors = SignUpPageProps & { errors: readonly FieldError[] }

function Choices({ locale, topics, otherPurposes, errors, values }: WithErrors): VNode {
  const ticked = values?.purposes ?? []
  return (
    <>
      <ChoiceGroup
        field="purposes"
        legend={message(locale, 'signup.topics')}
        hint={message(locale, 'signup.topicsHint')}
        choices={topics}
        ticked={ticked}
        errors={errors}
      />
      <ChoiceGroup
        field="otherPurposes"
        legend={message(locale, 'signup.purposes')}
        hint={message(locale, 'signup.purposesHint')}
        choices={otherPurposes}
        ticked={ticked}
        errors={errors}
      />
    </>
  )
}

function About({ locale, errors, values }: WithErrors): VNode {
  return (
    <fieldset>
      <legend>{message(locale, 'signup.about')}</legend>
      <TextField
        name="email"
        label={message(locale, 'signup.email')}
        hint={message(locale, 'signup.emailHint')}
        errors={errors}
        value={values?.email}
        type="email"
        inputmode="email"
        autocomplete="email"
        maxlength={254}
        required
      />
      <TextField
        name="name"
        label={message(locale, 'signup.name')}
        remark={message(locale, 'page.optional')}
        hint={message(locale, 'signup.nameHint')}
        errors={errors}
        value={values?.name}
        autocomplete="name"
        maxlength={100}
      />
    </fieldset>
  )
}

/** No browser fills in a field of this name by itself, and nobody is led to it. */
function Trap({ locale }: { locale: string }): VNode {
  return (
    <p class="visually-hidden" aria-hidden="true">
      <label for="field-remark">{message(locale, 'signup.remark')}</label>
      <input id="field-remark" name={HONEYPOT} type="text" value="" tabindex={-1} autocomplete="off" />
    </p>
  )
}

function PolicyNote({ locale, policy, policyUrl }: SignUpPageProps): VNode {
  const link = <a href={policyUrl ?? `/privacy/${policy.version}`}>{message(locale, 'signup.policyLink')}</a>
  const values = { policy: link, version: policy.version, date: policy.effectiveAt }
  return (
    <p class="policy-note">
      <Words locale={locale} text="signup.policy" values={values} />
    </p>
  )
}
