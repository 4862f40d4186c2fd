// Keys as they stand in the environment.
import { randomBytes } from 'node:crypto'
import type { Config, Key } from '../config'
import type { KeyTexts } from '../secrets/key-backup'

/** 32 random bytes. */
export const newSecret = (): Buffer => randomBytes(32)

export const secretKeysText = (keys: readonly Key[]): string =>
  keys.map(key => `${key.id}:${key.secret.toString('base64')}`).join(',')

export const keyTextsOf = (config: Pick<Config, 'secretKeys' | 'addressKey'>): KeyTexts => ({
  secretKeys: secretKeysText(config.secretKeys),
  addressKey: config.addressKey.toString('base64'),
})
