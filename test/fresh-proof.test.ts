import { write } from '../src/transaction'
import { makeReader, makeStaff, makeTopic } from './support/actors'
import { type AnyData, ok } from './support/api'
import { askToLogIn, codeIn, complete, logInApp } from './support/logging-in'
import { mailsTo, waitForMail } from './support/mail'
import { type Product, startProduct } from './support/product'
import { hashOfAddress, settled } from './support/rows'

let product: Product

beforeAll(async () => {
  product = await startProduct()
  await makeTopic(product, await makeStaff(product, 'ADMIN'), 'weekly', 'Weekly')
})
afterAll(() => product?.stop())

const newReader = async (): Promise<string> => (await makeReader(product, ['topic:weekly'])).email

async function reauthenticate(accessToken: string, code?: string): Promise<AnyData> {
  const query = `mutation ($input: ReauthInput!) { reauthenticate(input: $input) { accepted userErrors { code field } } }`
  return (await ok(product, query, { input: { code } }, { token: accessToken, staff: false })).reauthenticate
}
const refused = (code: string) => ({ accepted: false, userErrors: [{ code, field: ['input', 'code'] }] })
const proved = { accepted: true, userErrors: [] }

/** Asks for a proof and reads its mail. */
async function proofMail(email: string, accessToken: string) {
  const before = mailsTo(product, email).length
  expect(await reauthenticate(accessToken)).toEqual(refused('FRESH_PROOF_REQUIRED'))
  const mail = await waitForMail(product, email, before + 1)
  await settled(product, email)
  return { mail, ...codeIn(mail) }
}

test('having logged in is no fresh proof: a code is mailed, and entering it is one for 30 minutes', async () => {
  const email = await newReader()
  const { accessToken } = await logInApp(product, email)

  const { code, token, mail } = await proofMail(email, accessToken)
  expect(mail.subject).toBe('Your code for We Interrupt')
  expect([token, mail.text.includes('/l/'), mail.html.includes('href')]).toEqual(['', false, false])

  expect(await reauthenticate(accessToken, code)).toEqual(proved)
  const mails = mailsTo(product, email).length
  expect(await reauthenticate(accessToken)).toEqual(proved)
  const later = 'UPDATE reader_session SET proven_at = proven_at - INTERVAL ? MINUTE WHERE address_hash = ?'
  await write(product.connections.db.manager, later, [29, hashOfAddress(product, email)])
  expect(await reauthenticate(accessToken)).toEqual(proved)
  expect(mailsTo(product, email)).toHaveLength(mails)
  await write(product.connections.db.manager, later, [1, hashOfAddress(product, email)])
  await proofMail(email, accessToken)
})

test('a code is good once, for the session that asked, and for five tries', async () => {
  const email = await newReader()
  const [phone, tablet] = [await logInApp(product, email), await logInApp(product, email)]
  const { code } = await proofMail(email, phone.accessToken)

  expect(await reauthenticate(tablet.accessToken, code)).toEqual(refused('CODE_INVALID'))
  expect(await reauthenticate(phone.accessToken, code)).toEqual(proved)
  expect(await reauthenticate(phone.accessToken, code)).toEqual(refused('CODE_INVALID'))

  const next = await proofMail(email, tablet.accessToken)
  for (let n = 1; n <= 5; n++) {
    const wrong = String((Number(next.code) + n) % 1_000_000).padStart(6, '0')
    expect(await reauthenticate(tablet.accessToken, wrong)).toEqual(refused('CODE_INVALID'))
  }
  expect(await reauthenticate(tablet.accessToken, next.code)).toEqual(refused('CODE_INVALID'))
})

test('a code for logging in proves nothing, and a code of a proof logs in nobody', async () => {
  const email = await newReader()
  const { accessToken } = await logInApp(product, email)
  const proof = await proofMail(email, accessToken)
  const login = await askToLogIn(product, email)

  if (proof.code !== login.code) {
    expect(await reauthenticate(accessToken, login.code)).toEqual(refused('CODE_INVALID'))
    expect((await complete(product, { email, code: proof.code })).tokens).toBeNull()
  }
  expect(await reauthenticate(accessToken, proof.code)).toEqual(proved)
})

test('the mails of log-ins that strangers ask for use up none of the proofs', async () => {
  const email = await newReader()
  const { accessToken } = await logInApp(product, email)
  for (let n = 0; n < 9; n++) await askToLogIn(product, email)

  const { code } = await proofMail(email, accessToken)

  expect(await reauthenticate(accessToken, code)).toEqual(proved)
})
