import type { ApiContext } from './context'
import type { ReaderPayload } from './payloads'
import { UserError } from './user-errors'

/** What was changed, with the reader as it is now; or why nothing was. Null for a reader who is gone. */
export async function readerAnswer(
  { loaders }: ApiContext,
  readerId: number | undefined,
  outcome: string[] | UserError,
): Promise<ReaderPayload> {
  if (outcome instanceof UserError) return { reader: null, alreadyPassed: [], userErrors: [outcome] }
  if (readerId === undefined) return { reader: null, alreadyPassed: outcome, userErrors: [] }
  loaders.consents.clear(readerId)
  const reader = (await loaders.reader.clear(readerId).load(readerId)) ?? null
  return { reader, alreadyPassed: outcome, userErrors: [] }
}
