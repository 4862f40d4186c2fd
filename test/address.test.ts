import fc from 'fast-check'
import { maskAddress, parseAddress } from '../src/mail/address'

const local64 = 'a'.repeat(64)
const label63 = 'b'.repeat(63)

test.each([
  ['reader@example.org', 'reader@example.org'],
  ['  reader@example.org ', 'reader@example.org'],
  ['Reader.Name+News@Example.ORG', 'reader.name+news@example.org'],
  ["o'neil/x=1!#$%&*?^_`{|}~-@example.org", "o'neil/x=1!#$%&*?^_`{|}~-@example.org"],
  ['x@bücher.example', 'x@xn--bcher-kva.example'],
  ['x@xn--bcher-kva.example', 'x@xn--bcher-kva.example'],
  ['x@faß.example', 'x@xn--fa-hia.example'],
  ['x@例え.テスト', 'x@xn--r8jz45g.xn--zckzah'],
  ['x@1.example', 'x@1.example'],
  [`${local64}@example.org`, `${local64}@example.org`],
])('%j is the address %s', (input, canonical) => {
  expect(parseAddress(input)?.canonical).toBe(canonical)
})

test('the display form keeps what a person typed and the script of the domain', () => {
  expect(parseAddress('Jo.Doe@xn--bcher-kva.example')).toEqual({
    canonical: 'jo.doe@xn--bcher-kva.example',
    display: 'Jo.Doe@bücher.example',
    domain: 'xn--bcher-kva.example',
  })
})

test.each([
  ['nothing', ''],
  ['no at sign', 'reader'],
  ['no local part', '@example.org'],
  ['no domain', 'reader@'],
  ['a second at sign', 'a@b@example.org'],
  ['a quoted local part that hides another address', '"x@gmail.com x"@internal.domain'],
  ['a quoted local part', '"reader"@example.org'],
  ['a comment in the domain', 'user@good.com(x)evil.com'],
  ['a comment in the local part', 'user(x)@example.org'],
  ['a group', 'group:a@example.org;'],
  ['a display name', 'Reader <reader@example.org>'],
  ['two recipients', 'a@example.org,b@example.org'],
  ['a CR LF with a header', 'a@example.org\r\nBcc: b@example.org'],
  ['a LF at the end', 'a@example.org\n'],
  ['a NUL', 'a\u0000@example.org'],
  ['a tab', '\ta@example.org'],
  ['a no-break space', '\u00a0a@example.org'],
  ['a right-to-left override', 'a\u202e@example.org'],
  ['a right-to-left override in the domain', 'a@exam\u202eple.org'],
  ['a zero-width space in the domain', 'a@exam\u200bple.org'],
  ['a zero-width joiner in the domain', 'a@exam\u200dple.org'],
  ['a soft hyphen in the domain', 'a@exam\u00adple.org'],
  ['a non-ASCII local part', 'jürgen@example.org'],
  ['a local part of 65 octets', `${local64}a@example.org`],
  ['255 octets in all', `${local64}@${label63}.${label63}.${'c'.repeat(54)}.example`],
  ['a label of 64 octets', `a@${label63}b.org`],
  ['300 characters', `a@${'b.'.repeat(150)}org`],
  ['an IP literal', 'a@[127.0.0.1]'],
  ['an IP address', 'a@127.0.0.1'],
  ['an IP address in hexadecimal', 'a@0x7f.1'],
  ['a numeric top-level domain', 'a@example.123'],
  ['a domain of one label', 'a@localhost'],
  ['an empty label', 'a@example..org'],
  ['a dot at the end of the domain', 'a@example.org.'],
  ['a hyphen at the end of a label', 'a@example-.org'],
  ['a hyphen at the start of a label', 'a@-example.org'],
  ['an underscore in the domain', 'a@ex_ample.org'],
  ['a percent escape in the domain', 'a@ex%61mple.org'],
  ['a percent-hack in the domain', 'a@example.org%evil.example'],
  ['an ideographic full stop', 'a@example。org'],
  ['a full-width domain', 'a@ｅxample.org'],
  ['a ligature in the domain', 'a@ﬁle.example'],
  ['invalid punycode', 'a@xn--a.example'],
  ['a dot at the start of the local part', '.a@example.org'],
  ['two dots in the local part', 'a..b@example.org'],
  ['a backslash', 'a\\@example.org'],
  ['a space inside', 'a b@example.org'],
  ['a megabyte', `${'a'.repeat(1_000_000)}@example.org`],
])('%s is refused', (_, input) => {
  expect(parseAddress(input)).toBeUndefined()
})

test('a canonical address is its own canonical form, plain ASCII and within the limits, whatever came in', () => {
  const parts = fc.string({ unit: fc.constantFrom(...'aZ0.-_+@ "(<>\r\n\u202eüß。%[]'), maxLength: 30 })
  fc.assert(
    fc.property(
      fc.oneof(
        parts,
        fc.tuple(parts, parts).map(([one, two]) => `${one}@${two}.org`),
      ),
      input => {
        const address = parseAddress(input)
        if (!address) return
        expect(address.canonical).toMatch(/^[!-?A-~]+@[a-z0-9.-]+$/)
        expect(address.canonical.length).toBeLessThanOrEqual(254)
        expect(parseAddress(address.canonical)?.canonical).toBe(address.canonical)
        expect(parseAddress(address.display)?.canonical).toBe(address.canonical)
      },
    ),
    { numRuns: 5_000 },
  )
})

test('a masked address shows the first character and the domain only', () => {
  expect(maskAddress('marie.curie@example.org')).toBe('m•••@example.org')
  expect(maskAddress('no address')).toBe('•••')
})
