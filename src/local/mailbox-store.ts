// The mails of the local mailbox: one .eml file each, and one line each in index.jsonl.
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import libmime from 'libmime'
import { writeAtomicallyText } from './write-atomically'

/** One received mail as lists show it; `to` are the envelope's recipients, who really got it. */
export interface KeptMail {
  id: number
  from: string
  to: string
  subject: string
  date: string
  envelopeFrom: string
}

export interface Envelope {
  from: string
  to: readonly string[]
}

/** Keeps mails in a folder, the newest `limit` of them; `add` answers when the mail is in its file. */
export class MailboxStore {
  private constructor(
    private readonly dir: string,
    private readonly limit: number,
    private mails: KeptMail[],
    private lastId: number,
  ) {}

  static async open(dir: string, limit: number): Promise<MailboxStore> {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const known = parseIndex(await readFile(indexOf(dir), 'utf8').catch(() => ''))
    const store = new MailboxStore(dir, limit, known, known.at(-1)?.id ?? 0)
    await store.trim()
    writeAtomicallyText(indexOf(dir), store.mails.map(asLine).join(''))
    return store
  }

  async add(envelope: Envelope, source: Buffer): Promise<KeptMail> {
    this.lastId += 1
    const mail: KeptMail = {
      id: this.lastId,
      ...readHeaders(source),
      to: envelope.to.join(', '),
      envelopeFrom: envelope.from,
    }
    await writeFile(this.fileOf(mail.id), source, { mode: 0o600 })
    await appendFile(indexOf(this.dir), asLine(mail), { mode: 0o600 })
    this.mails.push(mail)
    // In strides, so that a full mailbox does not pay for every single mail.
    if (this.mails.length > this.limit * 1.02) await this.trim()
    return mail
  }

  /** Newest first; `to` asks for one exact recipient, `search` for a part of addresses or subject. */
  list(wanted: { to?: string; search?: string } = {}): KeptMail[] {
    const to = wanted.to?.trim().toLowerCase()
    const search = wanted.search?.trim().toLowerCase()
    return this.mails
      .filter(mail => !to || mail.to.toLowerCase().split(', ').includes(to))
      .filter(mail => !search || `${mail.to} ${mail.from} ${mail.subject}`.toLowerCase().includes(search))
      .sort((a, b) => b.id - a.id)
  }

  find(id: number): KeptMail | undefined {
    return this.mails.find(mail => mail.id === id)
  }

  source(mail: KeptMail): Promise<Buffer> {
    return readFile(this.fileOf(mail.id))
  }

  private async trim(): Promise<void> {
    const tooOld = this.mails.splice(0, Math.max(0, this.mails.length - this.limit))
    await Promise.all(tooOld.map(mail => rm(this.fileOf(mail.id), { force: true })))
  }

  private readonly fileOf = (id: number) => join(this.dir, `${String(id).padStart(8, '0')}.eml`)
}

const indexOf = (dir: string) => join(dir, 'index.jsonl')
const asLine = (mail: KeptMail) => `${JSON.stringify(mail)}\n`

// A line cut off by a crash belongs to a mail that was never acknowledged.
function parseIndex(text: string): KeptMail[] {
  const mails = text.split('\n').flatMap(line => {
    try {
      return [JSON.parse(line) as KeptMail]
    } catch {
      return []
    }
  })
  // Mails arriving together are written in any order.
  return mails.sort((a, b) => a.id - b.id)
}

const HEADERS_WITHIN = 64 * 1024

function readHeaders(source: Buffer): { from: string; subject: string; date: string } {
  const top = source.subarray(0, HEADERS_WITHIN).toString('utf8')
  const end = top.search(/\r?\n\r?\n/)
  const unfolded = (end < 0 ? top : top.slice(0, end)).replace(/\r?\n[ \t]+/g, ' ')
  const header = (name: string) =>
    libmime.decodeWords(new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(unfolded)?.[1] ?? '')
  const date = new Date(header('Date'))
  return {
    from: header('From'),
    subject: header('Subject'),
    date: (Number.isNaN(date.getTime()) ? new Date() : date).toISOString(),
  }
}
