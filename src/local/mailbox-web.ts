import express, { type Express, type Request, type Response } from 'express'
import { type ParsedMail, simpleParser } from 'mailparser'
import { mailPage, mailsPage, type Part } from './mailbox-page'
import type { KeptMail, MailboxStore } from './mailbox-store'

const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
// A mail is a stranger's page: no scripts, no forms, no same origin; only its links open, in a new tab.
const BODY_POLICY =
  "default-src 'none'; img-src https: data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
const PER_PAGE = 50

/** The pages and the JSON of the mailbox. */
export function createMailboxWeb(store: MailboxStore): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use((request, response, next) => {
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' })
    response.set({ 'Cache-Control': 'no-store', 'Content-Security-Policy': PAGE_POLICY })
    // A foreign site could point its own name at this port and read the mails; it cannot change the Host header.
    if (isLoopback(request.hostname)) next()
    else response.status(403).type('text').send('Open the mailbox at 127.0.0.1 or localhost.')
  })
  app.get('/', (request, response) => showList(store, request, response))
  app.get('/mails/:id', withMail(store, showMail))
  app.get('/mails/:id/body', withMail(store, showBody))
  app.get('/api/mails', (request, response) => {
    const mails = store.list({ to: textOf(request.query.to), search: textOf(request.query.search) })
    response.json(mails.map(mail => summary(mail, request)))
  })
  app.get('/api/mails/:id', withMail(store, answerMail))
  app.get('/api/mails/:id/source', withMail(store, sendSource))
  return app
}

type Handler = (mail: KeptMail, source: Buffer, request: Request, response: Response) => Promise<void> | void

const withMail = (store: MailboxStore, handler: Handler) => async (request: Request, response: Response) => {
  const mail = store.find(Number(request.params.id))
  if (!mail) {
    response.status(404).type('text').send('There is no such mail (any more).')
    return
  }
  await handler(mail, await store.source(mail), request, response)
}

function showList(store: MailboxStore, request: Request, response: Response): void {
  const search = textOf(request.query.search) ?? ''
  const found = store.list({ search })
  const pages = Math.max(1, Math.ceil(found.length / PER_PAGE))
  const page = Math.min(pages, Math.max(1, Number(request.query.page) || 1))
  const mails = found.slice((page - 1) * PER_PAGE, page * PER_PAGE)
  response.send(mailsPage({ mails, search, page, pages, total: found.length }))
}

async function showMail(mail: KeptMail, source: Buffer, request: Request, response: Response) {
  const parsed = await simpleParser(source)
  const asked = textOf(request.query.part)
  const part = (['html', 'text', 'source'] as const).find(one => one === asked) ?? firstPart(parsed)
  const text = parsed.text ?? ''
  response.send(mailPage({ mail, part, text, source: source.toString('utf8'), headers: headersOf(parsed) }))
}

async function showBody(_mail: KeptMail, source: Buffer, _request: Request, response: Response) {
  const { html } = await simpleParser(source)
  response.set('Content-Security-Policy', BODY_POLICY)
  response.type('html').send(withNewTabs(html || '<p>This mail has no HTML part.</p>'))
}

async function answerMail(mail: KeptMail, source: Buffer, request: Request, response: Response) {
  const parsed = await simpleParser(source)
  response.json({
    ...summary(mail, request),
    headers: headersOf(parsed),
    html: parsed.html || '',
    text: parsed.text ?? '',
    source: source.toString('utf8'),
  })
}

function sendSource(_mail: KeptMail, source: Buffer, _request: Request, response: Response): void {
  response.attachment('mail.eml').type('message/rfc822').send(source)
}

const summary = (mail: KeptMail, request: Request) => ({
  ...mail,
  id: String(mail.id),
  url: `http://${request.get('host')}/mails/${mail.id}`,
})

// Lower-case names; a header that occurs several times has its values joined by line breaks.
function headersOf(parsed: ParsedMail): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const { key, line } of parsed.headerLines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replace(/\r?\n[ \t]+/g, ' ')
      .trim()
    headers[key] = key in headers ? `${headers[key]}\n${value}` : value
  }
  return headers
}

const firstPart = (parsed: ParsedMail): Part => (parsed.html ? 'html' : 'text')

// A link's own target may not replace the mailbox page.
const withNewTabs = (html: string) => {
  const plain = html.replace(/<a\b([^>]*?)\s(?:target|rel)=("[^"]*"|'[^']*'|[^\s>]+)/gi, '<a$1')
  return `<!doctype html><base target="_blank">${plain.replace(/<a\b/gi, '<a target="_blank" rel="noopener"')}`
}

const isLoopback = (host: string | undefined) => /^(localhost|127(\.\d{1,3}){3})$/.test(host ?? '')
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)
