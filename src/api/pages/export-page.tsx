// The page behind the link of the mail that says that the copy is ready.
import { message } from '../../messages'
import { ErrorSummary, TextField } from './form-parts'
import { type PageFrame, page } from './layout'
import { messagePage } from './message-page'

export function exportPage(props: PageFrame & { ticket: string; isWrong: boolean }): string {
  const { locale, ticket, isWrong } = props
  const title = message(locale, 'export.title')
  const errors = isWrong ? [{ field: 'code', message: message(locale, 'export.wrong') }] : []
  return page({
    frame: props,
    title: isWrong ? message(locale, 'page.errorPrefix', { title }) : title,
    noindex: true,
    children: (
      <>
        <ErrorSummary locale={locale} errors={errors} />
        <h1>{title}</h1>
        <p>{message(locale, 'export.text')}</p>
        <form method="post" action={`/export/${encodeURIComponent(ticket)}`} class="act" novalidate>
          <TextField
            name="code"
            label={message(locale, 'export.label')}
            errors={errors}
            value={undefined}
            required
            maxlength={20}
            autocomplete="one-time-code"
            inputmode="numeric"
          />
          <button type="submit" class="main-button">
            {message(locale, 'export.button')}
          </button>
        </form>
      </>
    ),
  })
}

/** Used, too old, or the code was tried too often (410). */
export const exportOverPage = (frame: PageFrame & { hours: number }): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'export.over.title'),
    text: message(frame.locale, 'export.over.text', { hours: frame.hours }),
  })

/** A forged or cut-off link (404). */
export const exportInvalidPage = (frame: PageFrame): string =>
  messagePage({
    ...frame,
    title: message(frame.locale, 'export.invalid.title'),
    text: message(frame.locale, 'export.invalid.text'),
  })
