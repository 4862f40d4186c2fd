// Whether presses on links of newsletters are counted: a switch of the site, off at first, and a purpose of its own.
import type { EntityManager } from 'typeorm'
import { PurposeKind } from '../entities/purpose'
import { Site } from '../entities/site'
import { select } from '../transaction'

/** From then on: newsletters that start later have counted links, or none; nothing that is pressed while it is off counts. */
export async function switchClickCounting(tx: EntityManager, on: boolean): Promise<void> {
  await tx.update(Site, 1, { countsClicks: on })
}

/** The purpose readers say yes to; undefined while it is off or there is none: then nothing is counted. */
export async function clickPurpose(db: EntityManager): Promise<number | undefined> {
  const [found] = await select<{ id: number }>(
    db,
    'SELECT p.id FROM site s JOIN purpose p ON p.kind = ? WHERE s.id = 1 AND s.counts_clicks ORDER BY p.id LIMIT 1',
    [PurposeKind.CLICK_COUNTING],
  )
  return found?.id
}
