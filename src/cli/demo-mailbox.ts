// Reads the local mailbox as a person would, only faster.
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from './problem'

export interface ListedMail {
  id: string
  url: string
  to: string
  subject: string
}

export interface OpenedMail extends ListedMail {
  /** Lower-case names, unfolded. */
  headers: Record<string, string>
  html: string
  text: string
}

/** What the wire saw: the envelope's recipient, and the newsletter that the mail says it is. */
export interface ReceivedMail {
  to: string
  newsletterId: string | undefined
}

export interface DemoMailbox {
  url: string
  /** Newest first. */
  list(to?: string): Promise<ListedMail[]>
  /** The newest mail to the address that fits; waits for it. */
  waitFor(to: string, fits: (mail: ListedMail) => boolean): Promise<OpenedMail>
  /** Every mail that came after the one with this id. */
  receivedAfter(id: number): Promise<ReceivedMail[]>
}

const WITHIN_MS = 20_000
const AT_ONCE = 16

/** The mailbox that answers at this address. */
export function createDemoMailbox(url: string): DemoMailbox {
  const get = async (path: string): Promise<Response> => {
    const response = await fetch(`${url}${path}`)
    if (!response.ok) throw new Problem(`The mailbox answered ${response.status} to ${path}.`)
    return response
  }
  const list = async (to?: string) =>
    (await (await get(`/api/mails${to ? `?to=${encodeURIComponent(to)}` : ''}`)).json()) as ListedMail[]
  const open = async (id: string) => (await (await get(`/api/mails/${id}`)).json()) as OpenedMail
  const source = async (id: string) => (await get(`/api/mails/${id}/source`)).text()
  return {
    url,
    list,
    async waitFor(to, fits) {
      for (const end = Date.now() + WITHIN_MS; Date.now() < end; await pause(100)) {
        const found = (await list(to)).find(fits)
        if (found) return open(found.id)
      }
      throw new Problem(`No such mail reached ${to} within ${WITHIN_MS / 1000} s. Is the worker running?`)
    },
    async receivedAfter(id) {
      const waiting = (await list()).filter(mail => Number(mail.id) > id).values()
      const received: ReceivedMail[] = []
      const lane = async () => {
        for (const mail of waiting)
          received.push({ to: mail.to, newsletterId: newsletterOf(await source(mail.id)) })
      }
      await Promise.all(Array.from({ length: AT_ONCE }, lane))
      return received
    },
  }
}

/** From the Feedback-ID header: the same in all mails of a newsletter, and in no other mail. */
function newsletterOf(source: string): string | undefined {
  const headers = (source.split(/\r?\n\r?\n/, 1)[0] ?? '').replace(/\r?\n[ \t]+/g, ' ')
  return /^feedback-id: *([^:\s]+):/im.exec(headers)?.[1]
}
