import type { VNode } from 'preact'
import { type MessageKey, message } from '../../messages'
import { errorAt, type FieldError, FieldErrorText, fieldId, Hidden } from './form-parts'
import { Radios } from './radios'

export const PAUSES = ['2w', '1m', '3m', 'date'] as const

interface PauseFormProps {
  locale: string
  action: string
  pausedUntil: Date | null
  errors: readonly FieldError[]
}

/** Pauses everything for one of these times, or until a day; without JavaScript the day's field is always there. */
export function PauseForm({ locale, action, pausedUntil, errors }: PauseFormProps): VNode {
  const error = errorAt(errors, 'until')
  const options = PAUSES.map(value => ({
    value,
    label: message(locale, `centre.pause.${value}` as MessageKey),
  }))
  return (
    <section aria-labelledby="pause" class="card">
      <h2 id="pause">{message(locale, 'centre.pause')}</h2>
      {pausedUntil ? (
        <p>
          <strong>{message(locale, 'centre.pause.on', { date: pausedUntil })}</strong>
        </p>
      ) : (
        <p>{message(locale, 'centre.pause.text')}</p>
      )}
      <form method="post" action={action}>
        <Hidden values={{ act: 'pause' }} />
        <Radios
          name="for"
          legend={message(locale, 'centre.pause.legend')}
          options={options}
          checked={error ? 'date' : '2w'}
        />
        <div class={error ? 'field has-error' : 'field'}>
          <label for={fieldId('until')}>{message(locale, 'centre.pause.until')}</label>
          <FieldErrorText id="until-error" text={error} />
          <input
            id={fieldId('until')}
            name="until"
            type="date"
            aria-invalid={error ? 'true' : undefined}
            aria-describedby={error ? 'until-error' : undefined}
          />
        </div>
        <button type="submit" class="second-button">
          {message(locale, 'centre.pause.button')}
        </button>
      </form>
    </section>
  )
}
