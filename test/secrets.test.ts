import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { addressHash, fingerprint } from '../src/secrets/address-hash'
import { AGE_PASS_MS, isValidAgePass, makeAgePass } from '../src/secrets/age-pass'
import { createKeyring } from '../src/secrets/keyring'
import { joinReference, splitReference } from '../src/secrets/mail-reference'
import { open, seal } from '../src/secrets/seal'
import { createShortHmac } from '../src/secrets/short-hmac'
import { fromBase32, makeToken, readToken, toBase32 } from '../src/secrets/token'

const oldKey = { id: 1, secret: Buffer.alloc(32, 1) }
const newKey = { id: 255, secret: Buffer.alloc(32, 2) }
const addressKey = Buffer.alloc(32, 3)
const keyring = createKeyring([oldKey], addressKey)
const rotated = createKeyring([newKey, oldKey], addressKey)
const strange = createKeyring([{ id: 1, secret: Buffer.alloc(32, 9) }], Buffer.alloc(32, 9))

const text = fc.string({ unit: 'grapheme', maxLength: 300 })
const owner = fc.string({ maxLength: 60 })
const reference = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(bytes => Buffer.from(bytes))
const purpose = fc.constantFrom(
  'confirm' as const,
  'unsubscribe' as const,
  'preferences' as const,
  'delivery' as const,
  'login' as const,
  'email-change' as const,
)

/** The same bytes with one bit changed. */
function flip(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return changed
}

describe('what is sealed', () => {
  test('opens to the same text, also after the keys were rotated', () => {
    fc.assert(
      fc.property(text, owner, (value, of) => {
        const sealed = seal(keyring, value, of)

        expect(open(keyring, sealed, of)).toBe(value)
        expect(open(rotated, sealed, of)).toBe(value)
        expect(seal(rotated, value, of).keyId).toBe(255)
      }),
    )
  })

  test('never looks the same twice and does not show the text', () => {
    const [first, second] = [seal(keyring, 'ada@example.org', 'a'), seal(keyring, 'ada@example.org', 'a')]

    expect(first.data.equals(second.data)).toBe(false)
    expect(first.data.toString('latin1')).not.toContain('ada')
  })

  test('does not open in another place, with other keys or with one bit changed', () => {
    fc.assert(
      fc.property(text, owner, owner, fc.nat(), (value, of, other, at) => {
        fc.pre(of !== other)
        const sealed = seal(keyring, value, of)
        const changed = flip(sealed.data, at % (sealed.data.length * 8))

        expect(() => open(keyring, sealed, other)).toThrow()
        expect(() => open(strange, sealed, of)).toThrow()
        expect(() => open(keyring, { ...sealed, data: changed }, of)).toThrow()
        expect(() => open(rotated, { ...sealed, keyId: 255 }, of)).toThrow()
      }),
    )
  })

  test('does not open when cut short, and names the key that is missing', () => {
    const sealed = seal(rotated, 'ada@example.org', 'a')

    for (let length = 0; length < sealed.data.length; length++)
      expect(() => open(rotated, { ...sealed, data: sealed.data.subarray(0, length) }, 'a')).toThrow()
    expect(() => open(keyring, sealed, 'a')).toThrow('Key 255 is not in SECRET_KEYS')
  })
})

describe('tokens', () => {
  test('give back their reference, also after the keys were rotated, and fit everywhere', () => {
    fc.assert(
      fc.property(reference, purpose, (bytes, use) => {
        const token = makeToken(keyring, use, bytes)

        expect(token).toMatch(/^[a-z2-7]{53}$/)
        expect(readToken(keyring, use, token)).toEqual(bytes)
        expect(readToken(rotated, use, token)).toEqual(bytes)
      }),
    )
  })

  test('are worthless for another purpose, with other keys and once their key is gone', () => {
    fc.assert(
      fc.property(reference, purpose, purpose, (bytes, use, other) => {
        fc.pre(use !== other)

        expect(readToken(keyring, other, makeToken(keyring, use, bytes))).toBeUndefined()
        expect(readToken(strange, use, makeToken(keyring, use, bytes))).toBeUndefined()
        expect(readToken(keyring, use, makeToken(rotated, use, bytes))).toBeUndefined()
      }),
    )
  })

  test('with any one bit changed are refused', () => {
    const token = makeToken(rotated, 'unsubscribe', randomBytes(16))
    const bytes = fromBase32(token) ?? Buffer.alloc(0)

    expect(bytes).toHaveLength(33)
    for (let bit = 0; bit < bytes.length * 8; bit++)
      expect(readToken(rotated, 'unsubscribe', toBase32(flip(bytes, bit)))).toBeUndefined()
  })

  test('with a letter added, taken away or in capitals are refused', () => {
    fc.assert(
      fc.property(reference, fc.nat({ max: 53 }), fc.constantFrom(...'a7A0= /%'), (bytes, at, letter) => {
        const token = makeToken(keyring, 'confirm', bytes)
        const longer = token.slice(0, at) + letter + token.slice(at)
        const shorter = token.slice(0, at) + token.slice(at + 1)

        expect(readToken(keyring, 'confirm', longer)).toBeUndefined()
        if (at < 53) expect(readToken(keyring, 'confirm', shorter)).toBeUndefined()
        if (/[a-z]/.test(token)) expect(readToken(keyring, 'confirm', token.toUpperCase())).toBeUndefined()
      }),
    )
  })

  test('no other text is one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), purpose, (value, use) => {
        expect(readToken(keyring, use, value)).toBeUndefined()
      }),
    )
  })
})

describe('base32', () => {
  test('goes there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        expect(fromBase32(toBase32(bytes))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('one value has one spelling', () => {
    const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567ABZ018=')
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 60 }), spelled => {
        const bytes = fromBase32(spelled)

        if (bytes) expect(toBase32(bytes)).toBe(spelled)
      }),
      { numRuns: 500 },
    )
  })
})

describe('hashes of addresses', () => {
  test('stay the same when the secret keys rotate, and differ by address and by address key', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        fc.pre(one !== other)

        expect(addressHash(rotated, one)).toEqual(addressHash(keyring, one))
        expect(addressHash(keyring, one)).toHaveLength(32)
        expect(addressHash(keyring, other)).not.toEqual(addressHash(keyring, one))
        expect(addressHash(strange, one)).not.toEqual(addressHash(keyring, one))
      }),
    )
  })

  test('are these bytes for this key and address: stored ones must be found after every upgrade', () => {
    expect(addressHash(keyring, 'ada@example.org').toString('hex')).toBe(
      'c1a9ecfad4a4532d944910e4ebfdc26acbd74eed7a737b8a71b65f5cc8cd78b8',
    )
  })

  test('a fingerprint for one use is none for another', () => {
    expect(fingerprint(keyring, 'a', 'value')).not.toEqual(fingerprint(keyring, 'b', 'value'))
    expect(fingerprint(keyring, '', 'value')).not.toEqual(addressHash(keyring, 'value'))
  })
})

describe('the age pass', () => {
  test('holds for half an hour, also over a rotation, and carries nothing of the visitor', () => {
    const now = new Date('2026-03-01T12:00:00Z')
    const pass = makeAgePass(keyring, now)
    const later = (ms: number) => new Date(now.getTime() + ms)

    expect(pass).toMatch(/^1\.[0-9a-z]+\.[\w-]{12}\.[\w-]{22}$/)
    expect(isValidAgePass(rotated, pass, later(AGE_PASS_MS - 1))).toBe(true)
    expect(isValidAgePass(keyring, pass, later(AGE_PASS_MS))).toBe(false)
    expect(makeAgePass(keyring, now)).not.toBe(pass)
  })

  test('no other text is one', () => {
    const now = new Date()
    const part = fc.string({ unit: 'binary', maxLength: 30 })
    fc.assert(
      fc.property(fc.oneof(part, fc.array(part, { minLength: 4, maxLength: 4 })), value => {
        expect(isValidAgePass(keyring, Array.isArray(value) ? value.join('.') : value, now)).toBe(false)
      }),
    )
  })
})

test('the halves of a mail reference come apart as they were joined', () => {
  fc.assert(
    fc.property(reference, bytes => {
      const parts = splitReference(bytes)

      expect(parts.newsletter).toHaveLength(6)
      expect(joinReference(parts.newsletter, parts.reader)).toEqual(bytes)
    }),
  )
})

test('the MAC of a token is HMAC-SHA256 to the last bit, for any key and message of its length', () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 64 })
  fc.assert(
    fc.property(key, fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (secret, first, seed) => {
      const mac = createShortHmac(createSecretKey(secret), first.length)
      const second = first.map(byte => byte ^ (seed & 255))
      for (const message of [first, second, first])
        expect(Buffer.from(mac(message), 'latin1')).toEqual(
          createHmac('sha256', secret).update(message).digest(),
        )
    }),
  )
  expect(() => createShortHmac(createSecretKey(Buffer.alloc(65)), 16)).toThrow(RangeError)
  expect(() => createShortHmac(createSecretKey(Buffer.alloc(32)), 16)(Buffer.alloc(15))).toThrow(RangeError)
})
