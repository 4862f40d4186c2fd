import { errorFields, redact } from '../src/log'

test.each([
  ['no such user <Ada.L+news@mail.example.org>, sorry', 'no such user <[address]>, sorry'],
  ['ada@site.example,bob@site.example', '[address],[address]'],
  ['mailto:ada@site.example?subject=x', 'mailto:[address]'],
  ['a@b@c', '[address]'],
  ['5 apples @ 3 a piece, @home and me@', '5 apples @ 3 a piece, @home and me@'],
  ['GET /u/abcdefgh234567 failed, /privacy did not', 'GET /u/[token] failed, /privacy did not'],
])('addresses and tokens in links are masked: %s', (text, masked) => {
  expect(redact(text)).toBe(masked)
  expect(errorFields(new Error(text)).message).toBe(masked)
})

test('a megabyte without a blank, as a server may answer, is read once', () => {
  const before = process.cpuUsage()

  expect(redact('x'.repeat(1e6))).toHaveLength(1e6)

  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500)
})
