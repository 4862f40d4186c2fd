// Requests that came by letter or telephone, answered by the operator. Both leave an audit event.
import { writeFileSync } from 'node:fs'
import { orderedErasure, wakeErasure } from '../api/order-erasure'
import { audit, operator } from '../consent/audit'
import { Reader } from '../entities/reader'
import { parseAddress } from '../mail/address'
import { beginErasureOf } from '../privacy/begin-erasure'
import { collectData } from '../privacy/collect'
import { exportFile } from '../privacy/export-file'
import { subjectOf } from '../privacy/subject'
import { addressHash } from '../secrets/address-hash'
import { createKeyring } from '../secrets/keyring'
import { Problem } from './problem'
import { givenReason, type SwitchOptions } from './switch-reason'
import { withConnections } from './with-connections'
import { withDatabase } from './with-database'

export interface DsarExportOptions extends SwitchOptions {
  out: string
}

/** Writes a ZIP that only this account can read: everything there is about the address, reader or not. */
export async function dsarExportCommand(email: string, options: DsarExportOptions): Promise<void> {
  const reason = givenReason(options)
  const address = canonical(email)
  const { file, tables } = await withDatabase((db, config) => {
    const keyring = createKeyring(config.secretKeys, config.addressKey)
    const hash = addressHash(keyring, address)
    return db.transaction('REPEATABLE READ', async tx => {
      const reader = await tx.findOneBy(Reader, { addressHash: hash })
      const collected = await collectData(tx, keyring, subjectOf(reader, hash))
      await audit(tx, operator, 'data.export', reader?.publicId ?? null, reason)
      return { file: exportFile(collected), tables: Object.keys(collected.data) }
    })
  })
  try {
    writeFileSync(options.out, file, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Problem('This file exists already.')
    throw error
  }
  if (options.json) return console.log(JSON.stringify({ file: options.out, bytes: file.length, tables }))
  console.log(
    `Written to ${options.out}: ${tables.length > 0 ? tables.join(', ') : 'nothing is known of this address'}.`,
  )
}

export interface DsarEraseOptions extends SwitchOptions {
  child?: boolean
}

/** Erases whoever the address belongs to. The answer is the barrier; the worker does the rest. */
export async function dsarEraseCommand(email: string, options: DsarEraseOptions): Promise<void> {
  const reason = givenReason(options)
  const address = canonical(email)
  const { alreadyPassed, request } = await withConnections(async ({ db, keyring, enqueue }) => {
    const order = { origin: 'OPERATOR', isChild: options.child === true } as const
    const ordered = await orderedErasure(
      db,
      tx => beginErasureOf(tx, keyring, addressHash(keyring, address), order),
      (tx, done) =>
        audit(tx, operator, order.isChild ? 'data.erase-child' : 'data.erase', done.publicId, reason),
    )
    if (!ordered) throw new Problem('This was erased before.')
    await wakeErasure(enqueue, ordered)
    return ordered
  })
  if (options.json) return console.log(JSON.stringify({ request: request.publicId, alreadyPassed }))
  console.log(`Nothing more goes to this address; a worker erases the rest (request ${request.publicId}).`)
  if (alreadyPassed.length > 0)
    console.log(`${alreadyPassed.length} had passed their gate before and may still arrive.`)
}

function canonical(email: string): string {
  const address = parseAddress(email)
  if (!address) throw new Problem('This is not an e-mail address.')
  return address.canonical
}
