// What a server's live refusal means for this message, this address and all sending.
import {
  type AddressAction,
  ROWS,
  type Row,
  type SenderAction,
  type Stage,
  TRANSIENT,
  UNKNOWN_DOMAIN,
  UNKNOWN_USER,
} from './verdict-rows'

export interface Reply {
  stage: Stage
  /** Absent when the connection broke or timed out. */
  code: number | undefined
  /** `5.1.1`; absent where the server gave none. */
  enhanced: string | undefined
  /** The server's words; lines of a long reply may still carry their codes. */
  text: string
}

export interface Verdict {
  category: (typeof ROWS)[number]['category'] | (typeof TRANSIENT)['category']
  /** `keep`: back to the queue, no attempt spent. `none`: not for a refusal to decide (accepted, or I5). */
  message: 'retry' | 'fail' | 'keep' | 'none'
  address: AddressAction
  sender: SenderAction
  /** A new attempt before that is refused again. */
  minRetryMs?: number
}

const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3}$/
// RFC 5321 §4.5.3.1.5 allows 512 octets a line; nobody needs more than eight lines to say no.
const MAX_TEXT = 4096
// What stands before the words on the second and later lines of a reply.
const LINE_START = /[\r\n]+(?:\d{3}[ -])?(?:[245]\.\d{1,3}\.\d{1,3} )?/g

/** Judges one refusal. Never throws; time is linear in a text that is cut at 4 kB. */
export function judgeReply({ stage, code, enhanced, text }: Reply): Verdict {
  const isReply = code !== undefined && Number.isInteger(code) && code >= 200 && code < 600
  const reply = `${isReply ? code : '-'} ${enhanced !== undefined && ENHANCED.test(enhanced) ? enhanced : '-'}`
  const words = text.slice(0, MAX_TEXT).replace(LINE_START, ' ')
  const isUnknown = UNKNOWN_USER.test(words) || UNKNOWN_DOMAIN.test(words)
  const row = ROWS.find(
    (one: Row) =>
      one.reply.test(reply) &&
      !(one.isGuard && isUnknown) &&
      (one.stages?.includes(stage) ?? true) &&
      (one.text?.test(words) ?? true),
  )
  const { category, action, ...rest } = row ?? TRANSIENT
  const [message, address, sender] = action
  return {
    category,
    message: message === 'by-code' ? (reply.startsWith('5') ? 'fail' : 'retry') : message,
    address: isAboutAddress(stage, code, address) ? address : 'none',
    sender,
    ...('minRetryMs' in rest && { minRetryMs: rest.minRetryMs }),
  }
}

/** A server that closes the channel (421), or that has not heard the address yet, says nothing against it. */
const isAboutAddress = (stage: Stage, code: number | undefined, address: AddressAction): boolean =>
  code !== 421 && !(address.startsWith('hard') && (stage === 'connect' || stage === 'mail'))
