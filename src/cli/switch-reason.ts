import { Problem } from './problem'

export interface SwitchOptions {
  reason: string
  json?: boolean
}

const MAX_REASON = 500

/** Why the red button was pressed or let go; there must be one. */
export function givenReason(options: SwitchOptions): string {
  const reason = options.reason.trim()
  if (reason === '' || reason.length > MAX_REASON)
    throw new Problem(`--reason must have 1 to ${MAX_REASON} characters.`)
  return reason
}
