// A form of a page as a browser without JavaScript would send it.

const UNESCAPED: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}
const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, entity => UNESCAPED[entity] ?? entity)

function attributesOf(tag: string): Map<string, string> {
  const found = tag.matchAll(/\s([a-z-]+)(?:="([^"]*)")?/g)
  return new Map([...found].map(match => [match[1] ?? '', unescaped(match[2] ?? '')]))
}

export interface Box {
  name: string
  value: string
  checked: boolean
}

const inputsOf = (html: string): Map<string, string>[] =>
  (html.match(/<input(?:\s[a-z-]+(?:="[^"]*")?)*\s*\/?>/g) ?? []).map(attributesOf)

export const boxesOf = (html: string): Box[] =>
  inputsOf(html)
    .filter(input => input.get('type') === 'checkbox')
    .map(input => ({
      name: input.get('name') ?? '',
      value: input.get('value') ?? '',
      checked: input.has('checked'),
    }))

/** What the form would send as it stands: hidden and typed values, and the boxes that are ticked. */
export function fieldsOf(html: string): Record<string, string> {
  const sent = inputsOf(html).filter(input => input.get('type') !== 'checkbox' || input.has('checked'))
  return Object.fromEntries(sent.map(input => [input.get('name') ?? '', input.get('value') ?? '']))
}

/** The same with these boxes ticked. */
export function ticked(html: string, ...names: string[]): Record<string, string> {
  const boxes = boxesOf(html).filter(({ name }) => names.includes(name))
  return { ...fieldsOf(html), ...Object.fromEntries(boxes.map(({ name, value }) => [name, value])) }
}
