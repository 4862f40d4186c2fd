// The pages behind the link by which staff choose a password.
import { MIN_PASSWORD } from '../../consent/staff-password'
import { message } from '../../messages'
import { ErrorSummary, TextField } from './form-parts'
import type { PageFrame } from './layout'
import { page } from './layout'
import { messagePage } from './message-page'

/** One field, one button that POSTs to the same address. */
export function passwordPage(props: PageFrame & { token: string; problem?: string }): string {
  const { locale, token, problem } = props
  const title = message(locale, 'password.title')
  const errors = problem ? [{ field: 'password', message: problem }] : []
  return page({
    frame: props,
    title: problem ? message(locale, 'page.errorPrefix', { title }) : title,
    noindex: true,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <h1>{title}</h1>
        <form method="post" action={`/s/${encodeURIComponent(token)}`} noValidate>
          <TextField
            name="password"
            label={message(locale, 'password.label')}
            hint={message(locale, 'password.hint', { min: MIN_PASSWORD })}
            errors={errors}
            value={undefined}
            type="password"
            autocomplete="new-password"
            maxlength={500}
            required
          />
          <button type="submit" class="main-button">
            {message(locale, 'password.button')}
          </button>
        </form>
      </>
    ),
  })
}

export const passwordDonePage = (frame: PageFrame): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'password.done.title'),
    text: message(frame.locale, 'password.done.text'),
  })

/** Forged, old or used: one answer. */
export const passwordInvalidPage = (frame: PageFrame): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'password.invalid.title'),
    text: message(frame.locale, 'password.invalid.text'),
  })
