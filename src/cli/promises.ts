import { ownOrigin } from '../api/own-origin'
import { findPromises, inWords, type ShownPromise } from '../privacy/promises/all'
import { withDatabase } from './with-database'

/** Looks at every promise now; ends with 1 when one does not hold. The API has to be up: its pages are part of the proof. */
export async function promisesCommand({ json }: { json?: boolean }): Promise<void> {
  const found = await withDatabase((db, config) => findPromises({ db, config, origin: ownOrigin(config) }))
  const promises = inWords('en', found)
  if (promises.some(({ holds }) => !holds)) process.exitCode = 1
  if (json) console.log(JSON.stringify(promises))
  else printPromises(promises)
}

/** Each with what was found, and how many hold. */
export function printPromises(promises: readonly ShownPromise[]): void {
  console.log('')
  for (const { id, text, enforcedBy, evidence, holds } of promises) {
    console.log(`${holds ? '✓' : '✗ DOES NOT HOLD'} ${id}  ${text}`)
    console.log(`    ${evidence}`)
    console.log(`    Kept by: ${enforcedBy}`)
  }
  const held = promises.filter(({ holds }) => holds).length
  console.log(`\n${held} of ${promises.length} hold.`)
}
