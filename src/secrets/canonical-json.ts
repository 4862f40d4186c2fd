/** What is signed or hashed as JSON. Numbers are whole. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** One spelling for one value, as RFC 8785 has it: names sorted, nothing between the parts. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${fields.map(([name, part]) => `${JSON.stringify(name)}:${canonicalJson(part)}`).join(',')}}`
}
