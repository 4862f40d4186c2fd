import type { ComponentChildren, JSX } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { KeptMail } from './mailbox-store'
import { mailboxStyle } from './mailbox-style'

export type Part = 'html' | 'text' | 'source'

/** The list of mails, newest first. */
export const mailsPage = (list: {
  mails: readonly KeptMail[]
  search: string
  page: number
  pages: number
  total: number
}): string =>
  page(
    'Mailbox',
    <>
      <header class="top">
        <h1>
          <a href="/">Mailbox</a>
        </h1>
        <form class="search">
          <input
            type="search"
            name="search"
            value={list.search}
            placeholder="Address or subject"
            aria-label="Search by address or subject"
          />
          <button type="submit">Search</button>
        </form>
      </header>
      <p class="count">{counted(list.total, list.search)}</p>
      {list.mails.length === 0 ? <Empty search={list.search} /> : <Mails mails={list.mails} />}
      {list.pages > 1 && <Pager {...list} />}
    </>,
  )

/** One mail: its headline and one of its parts. */
export const mailPage = (view: {
  mail: KeptMail
  part: Part
  text: string
  source: string
  headers: Record<string, string>
}): string => {
  const { mail, part } = view
  const unsubscribe = /<(https?:[^>]+)>/.exec(view.headers['list-unsubscribe'] ?? '')?.[1]
  return page(
    mail.subject || 'Mail',
    <>
      <header class="top">
        <h1>
          <a href="/">← Mailbox</a>
        </h1>
        <a href={`/api/mails/${mail.id}/source`}>Download</a>
      </header>
      <article>
        <h2>{mail.subject || '(no subject)'}</h2>
        <dl>
          <Fact name="From">{mail.from}</Fact>
          <Fact name="To">{mail.to}</Fact>
          <Fact name="Date">
            <Time at={mail.date} />
          </Fact>
          {unsubscribe && (
            <Fact name="List">
              <a href={unsubscribe} target="_blank" rel="noopener">
                Unsubscribe
              </a>
            </Fact>
          )}
        </dl>
        <nav class="tabs">
          <Tab mail={mail} part="html" shown={part} label="HTML" />
          <Tab mail={mail} part="text" shown={part} label="Text" />
          <Tab mail={mail} part="source" shown={part} label="Headers and source" />
        </nav>
        <Content {...view} />
      </article>
    </>,
  )
}

function Content(view: { mail: KeptMail; part: Part; text: string; source: string }): JSX.Element {
  if (view.part === 'source') return <pre class="source">{view.source}</pre>
  if (view.part === 'text') return <pre>{view.text || 'This mail has no text part.'}</pre>
  return (
    <iframe
      title="The mail as a reader sees it"
      src={`/mails/${view.mail.id}/body`}
      sandbox="allow-popups allow-popups-to-escape-sandbox"
    />
  )
}

const Tab = ({ mail, part, shown, label }: { mail: KeptMail; part: Part; shown: Part; label: string }) => (
  <a href={`/mails/${mail.id}?part=${part}`} aria-current={part === shown ? 'page' : undefined}>
    {label}
  </a>
)

const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
)

const Mails = ({ mails }: { mails: readonly KeptMail[] }) => (
  <ul class="mails">
    {mails.map(mail => (
      <li key={mail.id}>
        <a href={`/mails/${mail.id}`}>
          <span class="to">{mail.to}</span>
          <span class="subject">{mail.subject || '(no subject)'}</span>
          <span class="from">{mail.from}</span>
          <Time at={mail.date} />
        </a>
      </li>
    ))}
  </ul>
)

const Empty = ({ search }: { search: string }) => (
  <p class="empty">
    {search ? 'No mail matches.' : 'No mail yet. What We Interrupt sends appears here after a reload.'}
  </p>
)

function Pager({ page: current, pages, search }: { page: number; pages: number; search: string }) {
  const link = (to: number) => `/?${new URLSearchParams({ search, page: String(to) })}`
  return (
    <nav class="pager">
      {current > 1 ? <a href={link(current - 1)}>← Newer</a> : <span />}
      <span>
        Page {current} of {pages}
      </span>
      {current < pages ? <a href={link(current + 1)}>Older →</a> : <span />}
    </nav>
  )
}

const Time = ({ at }: { at: string }) => (
  <time dateTime={at}>{`${at.slice(0, 10)} ${at.slice(11, 19)} UTC`}</time>
)

const counted = (total: number, search: string) =>
  `${total.toLocaleString('en')} ${total === 1 ? 'mail' : 'mails'}${search ? ` for “${search}”` : ''}`

const page = (title: string, content: JSX.Element): string =>
  `<!doctype html>${renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <style>{mailboxStyle}</style>
      </head>
      <body>
        <main>{content}</main>
      </body>
    </html>,
  )}`
