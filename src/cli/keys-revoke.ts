import type { EntityManager } from 'typeorm'
import { type Config, type Key, loadConfig } from '../config'
import { countTokenNewsletters, moveTokens } from '../newsletters/token-key'
import { countSealed } from '../secrets/reseal'
import { transaction } from '../transaction'
import { Problem } from './problem'
import { putSecretKeys } from './replace-secret-keys'
import { withDatabase } from './with-database'

/** Takes an old key out, unless something is still sealed with it; with `force` also one that links in mails need. */
export async function keysRevokeCommand(wanted: string, options: { force?: boolean }): Promise<void> {
  const { current, others, id } = choose(loadConfig(process.env), wanted)
  await withDatabase(async db => {
    await mustOpenNothing(db.manager, id)
    const newsletters = await countTokenNewsletters(db.manager, id)
    if (newsletters.underWay > 0)
      throw new Problem(
        `${newsletters.underWay} newsletters under way are sent with key ${id}: wait for their end, or cancel them.`,
      )
    const loss = `the unsubscribe links, the Message-IDs and the bounces of ${newsletters.over} newsletters sent with it`
    if (newsletters.over > 0 && !options.force)
      throw new Problem(
        `Key ${id} stays: without it ${loss} are worth nothing. Links to unsubscribe must work for as long as a mail is kept. --force revokes it all the same.`,
      )
    await transaction(db, tx => moveTokens(tx, id, current.id))
    const always = 'used links to confirm, links to choose a staff password, age checks of the last half hour'
    const lost = newsletters.over > 0 ? `${loss}, ${always}` : always
    console.log(`Key ${id} goes. Worth nothing from then on: ${lost}.`)
  })
  putSecretKeys([current, ...others.filter(key => key.id !== id)])
}

function choose({ secretKeys }: Config, wanted: string): { current: Key; others: Key[]; id: number } {
  const [current, ...others] = secretKeys
  const id = Number(wanted)
  if (current?.id === id) throw new Problem(`Key ${id} is the current one: rotate first.`)
  if (!current || !others.some(key => key.id === id))
    throw new Problem(
      `There is no key ${wanted}; the old ones are ${others.map(key => key.id).join(', ') || 'none'}.`,
    )
  return { current, others, id }
}

async function mustOpenNothing(db: EntityManager, id: number): Promise<void> {
  const counts = [...(await countSealed(db, id))].filter(([, count]) => count > 0)
  if (counts.length === 0) return
  const opened = counts.map(([what, count]) => `${count} ${what}`).join(', ')
  throw new Problem(
    `Key ${id} stays: only it opens ${opened}. \`weinterrupt keys rotate --reseal\` seals them anew; sign-ups that wait for their link end within 72 hours.`,
  )
}
