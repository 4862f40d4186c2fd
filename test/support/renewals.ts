// Readers who are asked to renew, with the clock turned back for their consents.
import { Notice } from '../../src/entities/notice'
import { write } from '../../src/transaction'
import { makeReader, tokenIn } from './actors'
import { type Mail, mailsTo, parseMail, waitForMail } from './mail'
import type { Product } from './product'
import { noticesOf, readerOf, settled } from './rows'

/** As if the reader's yeses, all or one purpose's, had been said earlier, so that they end in so many days. */
export async function letEndIn(product: Product, email: string, days: number, key = '%'): Promise<void> {
  const { id } = await readerOf(product, email)
  await write(
    product.connections.db.manager,
    `UPDATE consent c JOIN purpose p ON p.id = c.purpose_id
     SET c.changed_at = UTC_TIMESTAMP(3) + INTERVAL ? DAY - INTERVAL 24 MONTH,
       c.given_at = c.changed_at, c.expires_at = UTC_TIMESTAMP(3) + INTERVAL ? DAY
     WHERE c.reader_id = ? AND p.\`key\` LIKE ? AND c.given_at IS NOT NULL`,
    [days, days, id, key],
  )
}

/** Waits for the mail that asks to renew, after those that the reader got before. */
export async function renewalMail(product: Product, email: string, n = 2): Promise<Mail> {
  const mail = await waitForMail(product, email, n)
  await settled(product, email)
  return mail
}

export const tokenOf = (mail: Mail): string => tokenIn(mail, 'a')

/** The notices of this kind that were made for the address. */
export const renewalNotices = async (product: Product, email: string): Promise<Notice[]> =>
  (await noticesOf(product, email)).filter(({ kind }) => kind === 'renewal')

/** Every mail that asked this address to renew. */
export async function renewalMails(product: Product, email: string): Promise<Mail[]> {
  const mails = await Promise.all(mailsTo(product, email).map(parseMail))
  return mails.filter(mail => /\/a\/[a-z2-7]{53}/.test(mail.text))
}

/** The link of somebody whose two yeses end in 20 days. Needs the topics weekly and monthly. */
export async function renewalToken(product: Product, locale = 'en'): Promise<string> {
  const { email } = await makeReader(product, ['topic:weekly', 'topic:monthly'], { locale })
  await letEndIn(product, email, 20)
  return tokenOf(await renewalMail(product, email))
}
