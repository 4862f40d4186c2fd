// The boxes of the sign-up form. None is ticked unless this visitor ticked it (O3; pre-ticked boxes are no consent).
import type { VNode } from 'preact'
import { errorAt, type FieldError, FieldErrorText, fieldId } from './form-parts'

/** One thing a visitor can say yes to, in the words and version that are shown. */
export interface PurposeChoice {
  key: string
  version: number
  title: string
  description: string
  /** How often, in words; topics only. */
  cadence: string | null
}

interface ChoiceGroupProps {
  field: 'purposes' | 'otherPurposes'
  legend: string
  hint: string
  choices: readonly PurposeChoice[]
  /** The keys the visitor ticked before the form was shown again. */
  ticked: readonly string[]
  errors: readonly FieldError[]
}

/** A group of unticked boxes named `purpose:KEY` with the purpose's version as value; nothing without choices. */
export function ChoiceGroup(props: ChoiceGroupProps): VNode | null {
  if (props.choices.length === 0) return null
  const id = fieldId(props.field)
  const error = errorAt(props.errors, props.field)
  return (
    <fieldset
      id={id}
      class={error ? 'has-error' : undefined}
      aria-describedby={error ? `${id}-hint ${id}-error` : `${id}-hint`}
    >
      <legend>{props.legend}</legend>
      <p class="hint" id={`${id}-hint`}>
        {props.hint}
      </p>
      <FieldErrorText id={`${id}-error`} text={error} />
      <div class="choices">
        {props.choices.map(choice => (
          <Choice key={choice.key} choice={choice} ticked={props.ticked.includes(choice.key)} />
        ))}
      </div>
    </fieldset>
  )
}

function Choice({ choice, ticked }: { choice: PurposeChoice; ticked: boolean }): VNode {
  const name = `purpose:${choice.key}`
  const id = fieldId(name)
  return (
    <div class="choice">
      <input type="hidden" name={`shown:${choice.key}`} value={String(choice.version)} />
      <input
        type="checkbox"
        id={id}
        name={name}
        value={String(choice.version)}
        checked={ticked}
        aria-describedby={`${id}-about`}
      />
      <label for={id}>
        <span class="choice-title">{choice.title}</span>
        {choice.cadence && <span class="cadence">{choice.cadence}</span>}
      </label>
      <p class="choice-about" id={`${id}-about`}>
        {choice.description}
      </p>
    </div>
  )
}
