import { randomBytes } from 'node:crypto'
import { errorFields, redact } from '../src/log'
import { makeAgePass } from '../src/secrets/age-pass'
import { createKeyring } from '../src/secrets/keyring'

test.each([
  ['no such user <Ada.L+news@mail.example.org>, sorry', 'no such user <[address]>, sorry'],
  ['ada@site.example,bob@site.example', '[address],[address]'],
  ['mailto:ada@site.example?subject=x', 'mailto:[address]'],
  ['a@b@c', '[address]'],
  ['5 apples @ 3 a piece, @home and me@', '5 apples @ 3 a piece, @home and me@'],
  ['GET /u/abcdefgh234567 failed, /privacy did not', 'GET /u/[token] failed, /privacy did not'],
  ['POST /lawful-disclosures/abcdefgh234567', 'POST /lawful-disclosures/[token]'],
])('addresses and tokens in links are masked: %s', (text, masked) => {
  expect(redact(text)).toBe(masked)
  expect(errorFields(new Error(text)).message).toBe(masked)
})

test('a pass of the age check is masked wherever somebody puts it', () => {
  const keyring = createKeyring([{ id: 1, secret: randomBytes(32) }], randomBytes(32))
  for (let n = 0; n < 100; n++)
    expect(redact(`stopped: ${makeAgePass(keyring, new Date())}, 1.2 and 10.0.0.1`)).toBe(
      'stopped: [token], 1.2 and 10.0.0.1',
    )
})

test('a megabyte without a blank, as a server may answer, is read once', () => {
  const before = process.cpuUsage()

  expect(redact('x'.repeat(1e6))).toHaveLength(1e6)

  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500)
})
