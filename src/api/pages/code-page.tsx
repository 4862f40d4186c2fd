// The step in which a mailed code is entered: to log in, or once more before something that brings more mail.
import type { VNode } from 'preact'
import { message } from '../../messages'
import { Address } from './confirm-page'
import { ErrorSummary, type FieldError, Hidden, TextField, Words } from './form-parts'
import { type PageFrame, page } from './layout'

export interface CodePageProps extends PageFrame {
  /** Where the form goes, with what it carries unseen: what was asked for before. */
  action: string
  hidden: Record<string, string>
  /** Of who is logged in; undefined for whoever wants to: the same page for every address (I11). */
  maskedEmail: string | undefined
  minutes: number
  errors: readonly FieldError[]
}

export function codePage(props: CodePageProps): string {
  const { locale, errors, action, hidden, maskedEmail, minutes } = props
  const title = message(locale, 'centre.code.title')
  return page({
    frame: props,
    title: errors.length > 0 ? message(locale, 'page.errorPrefix', { title }) : title,
    noindex: true,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <h1>{title}</h1>
        <p>
          <Why locale={locale} maskedEmail={maskedEmail} />
        </p>
        <form method="post" action={action} novalidate>
          <Hidden values={hidden} />
          <TextField
            name="code"
            label={message(locale, 'centre.code.label')}
            hint={message(locale, 'centre.code.hint', { minutes })}
            errors={errors}
            value={undefined}
            inputmode="numeric"
            autocomplete="one-time-code"
            maxlength={20}
            required
          />
          <button type="submit">{message(locale, 'centre.code.button')}</button>
        </form>
        <form method="post" action={action} class="aside">
          <p>{message(locale, 'centre.code.again')}</p>
          <Hidden values={maskedEmail === undefined ? { ...hidden, act: 'login' } : hidden} />
          <button type="submit" class="second-button">
            {message(locale, 'centre.code.new')}
          </button>
        </form>
      </>
    ),
  })
}

function Why({ locale, maskedEmail }: Pick<CodePageProps, 'locale' | 'maskedEmail'>): VNode {
  if (maskedEmail === undefined) return <>{message(locale, 'centre.code.login')}</>
  return (
    <Words locale={locale} text="centre.code.proof" values={{ address: <Address masked={maskedEmail} /> }} />
  )
}

/** Where whoever is not logged in begins. */
export function centreLoginPage(
  props: PageFrame & { errors: readonly FieldError[]; email?: string },
): string {
  const { locale, errors, email } = props
  const title = message(locale, 'centre.login.title')
  return page({
    frame: props,
    title: errors.length > 0 ? message(locale, 'page.errorPrefix', { title }) : title,
    noindex: true,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <h1>{title}</h1>
        <p>{message(locale, 'centre.login.text')}</p>
        <form method="post" action="/p" novalidate>
          <Hidden values={{ act: 'login' }} />
          <TextField
            name="email"
            label={message(locale, 'signup.email')}
            hint={message(locale, 'signup.emailHint')}
            errors={errors}
            value={email}
            type="email"
            inputmode="email"
            autocomplete="email"
            maxlength={254}
            required
          />
          <button type="submit">{message(locale, 'centre.login.button')}</button>
        </form>
      </>
    ),
  })
}
