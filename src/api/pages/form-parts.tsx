// The parts forms are made of: fields with their errors in text (WCAG 3.3.1), linked from a summary on top.
import type { VNode } from 'preact'
import { type MessageKey, message, messageParts } from '../../messages'

/** What is wrong with one field, by its name; `purposes` is the whole group of boxes, an empty name the whole form. */
export interface FieldError {
  field: string
  message: string
}

/** A text with elements in it, such as a topic in bold. Values are escaped like everything else. */
export function Words(props: {
  locale: string
  text: MessageKey
  values: Record<string, string | number | Date | VNode>
}): VNode {
  return <>{messageParts<VNode>(props.locale, props.text, props.values)}</>
}

/** The id of a field's input, and of its group for `purposes`. */
export function fieldId(field: string): string {
  return `field-${field.replace(/[^a-z0-9]/gi, '-')}`
}

/** All errors of the page, each a link to its field; nothing when there are none. */
export function ErrorSummary(props: { locale: string; errors: readonly FieldError[] }): VNode | null {
  if (props.errors.length === 0) return null
  return (
    <div class="error-summary" role="alert" aria-labelledby="error-summary-title">
      <h2 id="error-summary-title">{message(props.locale, 'page.errors', { count: props.errors.length })}</h2>
      <ul>
        {props.errors.map(error => (
          <li key={error.field + error.message}>
            {error.field ? <a href={`#${fieldId(error.field)}`}>{error.message}</a> : error.message}
          </li>
        ))}
      </ul>
    </div>
  )
}

interface TextFieldProps {
  name: string
  label: string
  /** Shown after the label, such as "(optional)". */
  remark?: string
  hint?: string
  errors: readonly FieldError[]
  value: string | undefined
  type?: 'text' | 'email' | 'password'
  required?: boolean
  maxlength: number
  autocomplete: string
  inputmode?: 'numeric' | 'email'
}

/** One labelled input. Its hint and its error are read out with it. */
export function TextField(props: TextFieldProps): VNode {
  const id = fieldId(props.name)
  const error = errorAt(props.errors, props.name)
  const describedBy = [props.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div class={error ? 'field has-error' : 'field'}>
      <label for={id}>
        {props.label} {props.remark && <span class="remark">{props.remark}</span>}
      </label>
      {props.hint && (
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      )}
      <FieldErrorText id={`${id}-error`} text={error} />
      <input
        id={id}
        name={props.name}
        type={props.type ?? 'text'}
        value={props.value}
        required={props.required}
        maxlength={props.maxlength}
        autocomplete={props.autocomplete}
        inputmode={props.inputmode}
        autocapitalize={props.type === 'email' ? 'none' : undefined}
        spellcheck={false}
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={describedBy || undefined}
      />
    </div>
  )
}

/** The error of one field or group, or nothing. */
export function FieldErrorText({ id, text }: { id: string; text: string | undefined }): VNode | null {
  if (!text) return null
  return (
    <p class="field-error" id={id}>
      {text}
    </p>
  )
}

/** The first error of a field. */
export function errorAt(errors: readonly FieldError[], field: string): string | undefined {
  return errors.find(error => error.field === field)?.message
}

/** Values that travel with the form unseen. */
export function Hidden({ values }: { values: Record<string, string> }): VNode {
  return (
    <>
      {Object.entries(values).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  )
}
