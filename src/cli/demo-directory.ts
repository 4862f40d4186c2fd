// The demo's directory of links: one admin proposes a site, another looks at it, somebody says something about it.
import { type Ask, createClient } from './graphql-client'

const PROPOSE = `mutation ($input: DirectoryLinkInput!) {
  directoryLinkPropose(input: $input) { link { id } userErrors { code message field } }
}`
const REVIEW = `mutation ($id: ID!) {
  directoryLinkReview(id: $id, status: LISTED) { link { status } userErrors { code message field } }
}`
const SAY = `mutation ($input: LinkFeedbackInput!) {
  linkFeedbackSubmit(input: $input) { link { id } userErrors { code message field } }
}`

/** Puts the library of the weekly newsletter into the public directory, and one word of feedback beside it. */
export async function listLibrary(api: string, first: Ask, second: Ask): Promise<void> {
  const { directoryLinkPropose } = await first<{ directoryLinkPropose: { link: { id: string } } }>(PROPOSE, {
    input: {
      title: 'Harbour Library',
      url: 'https://harbour-library.example/reading-room',
      description: 'A reading room that keeps telephones in a drawer (made up).',
      category: 'Reading',
    },
  })
  const { id } = directoryLinkPropose.link
  await second(REVIEW, { id })
  const input = { linkId: id, kind: 'HELPFUL', comment: 'They do ring the bell.' }
  await createClient(`${api}/graphql`)(SAY, { input })
  console.log(
    '\nHarbour Library, proposed by one admin and reviewed by another, is in the directory of links',
  )
  console.log(`  Somebody found it helpful: ${api}/links`)
}
