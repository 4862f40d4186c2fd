import { newSecret, secretKeysText } from './key-texts'

/** Prints the keys of a new installation; they are kept nowhere. */
export function keysCreateCommand(): void {
  console.log(`SECRET_KEYS=${secretKeysText([{ id: 1, secret: newSecret() }])}`)
  console.log(`ADDRESS_KEY=${newSecret().toString('base64')}`)
}
