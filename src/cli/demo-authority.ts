// The demo's authority: a made-up court asks for one reader's data; one admin writes it down, another approves it.
import { message } from '../messages'
import type { DemoMailbox } from './demo-mailbox'
import { storyReader } from './demo-story'
import type { Ask } from './graphql-client'
import { Problem } from './problem'

const FIND = `query ($email: String!) { readers(filter: { emailExact: $email }) { nodes { id } } }`
const RECORD = `mutation ($input: LawfulDisclosureInput!) {
  lawfulDisclosureRecord(input: $input) { disclosure { id } userErrors { code message field } }
}`
const APPROVE = `mutation ($id: ID!) {
  lawfulDisclosureApprove(id: $id) { disclosure { extractUrl } userErrors { code message field } }
}`

/** Somebody of staff who is logged in. */
export interface DemoAdmin {
  ask: Ask
  accessToken: string
}

/** Records, approves and downloads the extract, sees that there is no second one, and waits for the mail that tells the reader. */
export async function answerCourt(
  api: string,
  siteName: string,
  mailbox: DemoMailbox,
  { first, second }: { first: DemoAdmin; second: DemoAdmin },
): Promise<void> {
  const { readers } = await first.ask<{ readers: { nodes: { id: string }[] } }>(FIND, {
    email: storyReader.email,
  })
  const { lawfulDisclosureRecord } = await first.ask<{
    lawfulDisclosureRecord: { disclosure: { id: string } }
  }>(RECORD, {
    input: {
      readerId: readers.nodes[0]?.id,
      authority: 'District court of Demo Town (made up)',
      basis: 'Art. 6(1)(c) GDPR, order under the law of Demo Town',
      reference: '12 Demo 34/26',
      scope: 'Since when the person has been a reader, and of which topics',
    },
  })
  const { id } = lawfulDisclosureRecord.disclosure
  const { lawfulDisclosureApprove } = await second.ask<{
    lawfulDisclosureApprove: { disclosure: { extractUrl: string } }
  }>(APPROVE, { id })
  const path = new URL(lawfulDisclosureApprove.disclosure.extractUrl).pathname
  const download = () =>
    fetch(`${api}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${second.accessToken}` },
    })
  const extract = await download()
  const { byteLength } = await extract.arrayBuffer()
  if (extract.status !== 200) throw new Problem(`The extract was answered ${extract.status}.`)
  const again = await download()
  if (again.status !== 410) throw new Problem(`A second extract was answered ${again.status}.`)
  const subject = message(storyReader.locale, 'mail.disclosed.subject', { site: siteName })
  const mail = await mailbox.waitFor(storyReader.email, one => one.subject === subject)
  console.log(
    `\nA court asked for the data of ${storyReader.name}; a second admin approved it, one extract (${byteLength} bytes) went out`,
  )
  console.log(`  ${storyReader.name} was told: ${mail.url}`)
}
