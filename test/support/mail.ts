// What arrived, parsed as a mail program would.
import { type ParsedMail, simpleParser } from 'mailparser'
import type { Product } from './product'
import type { Received } from './smtp-sink'

export interface Mail {
  received: Received
  parsed: ParsedMail
  headers: Map<string, string>
  subject: string
  text: string
  html: string
}

export const mailsTo = (product: Pick<Product, 'sink'>, address: string): Received[] =>
  product.sink.accepted().filter(received => received.to.includes(address))

export async function parseMail(received: Received): Promise<Mail> {
  const parsed = await simpleParser(received.data)
  const headers = new Map(
    parsed.headerLines.map(({ key, line }) => [key, unfold(line.slice(key.length + 1))]),
  )
  return {
    received,
    parsed,
    headers,
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: parsed.html || '',
  }
}

const unfold = (value: string): string => value.replace(/\r?\n[ \t]/g, ' ').trim()

/** The n-th mail to the address, waiting up to 15 seconds for it. */
export async function waitForMail(product: Pick<Product, 'sink'>, address: string, n = 1): Promise<Mail> {
  for (let tries = 0; tries < 1500; tries++) {
    const received = mailsTo(product, address)[n - 1]
    if (received) return parseMail(received)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  throw new Error(`No mail number ${n} arrived`)
}
