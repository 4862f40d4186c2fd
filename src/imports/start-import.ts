// The row of an import, before its file comes.
import type { EntityManager } from 'typeorm'
import { v7 as uuidv7 } from 'uuid'
import { ImportJob, type ImportSettings } from '../entities/import-job'
import { redact } from '../log'
import { hashToken, randomToken } from '../secrets/opaque-token'
import { databaseTime } from '../transaction'

/** Long enough to send a large file, and to send it again tomorrow. */
const TICKET_MS = 24 * 3_600_000
const MAX_FILE_NAME = 200

/** Writes the row; `ticket` opens the upload for 24 hours. `staffId` null: the operator, who needs none. */
export async function startImport(
  tx: EntityManager,
  settings: ImportSettings,
  { staffId, fileName }: { staffId: number | null; fileName: string },
): Promise<{ job: ImportJob; ticket: string }> {
  const ticket = randomToken()
  const createdAt = await databaseTime(tx)
  const job = tx.create(ImportJob, {
    publicId: uuidv7(),
    kind: settings.kind,
    state: 'waiting',
    ticketHash: staffId === null ? null : hashToken(ticket),
    expiresAt: new Date(createdAt.getTime() + TICKET_MS),
    staffId,
    fileName: redact(fileName).slice(0, MAX_FILE_NAME),
    settings,
    createdAt,
  })
  await tx.save(job)
  return { job: await tx.findOneByOrFail(ImportJob, { id: job.id }), ticket }
}
