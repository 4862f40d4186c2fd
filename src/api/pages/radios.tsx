import type { VNode } from 'preact'

interface RadiosProps {
  name: string
  legend: string
  options: readonly { value: string; label: string }[]
  checked: string
}

/** One of a few, each a line that can be pressed. */
export function Radios({ name, legend, options, checked }: RadiosProps): VNode {
  return (
    <fieldset class="radios">
      <legend>{legend}</legend>
      {options.map(({ value, label }) => (
        <label key={value}>
          <input type="radio" name={name} value={value} checked={value === checked} /> {label}
        </label>
      ))}
    </fieldset>
  )
}
