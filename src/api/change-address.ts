import { type AddressChanged, confirmEmailChange } from '../consent/change-address'
import { queueEmailChanged } from '../notices/queue-email-change'
import { transaction } from '../transaction'
import type { Services } from './context'

/** Makes the new address the reader's, and tells the old one. */
export async function changeAddress(
  { db, keyring, enqueue }: Pick<Services, 'db' | 'keyring' | 'enqueue'>,
  token: string,
): Promise<AddressChanged> {
  const { answer, noticeId } = await transaction(db, async tx => {
    const answer = await confirmEmailChange(tx, keyring, token)
    const isChanged = answer.kind === 'changed'
    return {
      answer,
      noticeId: isChanged ? await queueEmailChanged(tx, answer.change, answer.reader.locale) : undefined,
    }
  })
  if (noticeId !== undefined) await enqueue.notice(noticeId)
  return answer
}
