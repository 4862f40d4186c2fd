import { In } from 'typeorm'
import { policyVersion } from '../consent/policies'
import { Topic } from '../entities/topic'
import { type ImportOptions, importFile } from './import-file'
import { Problem } from './problem'
import { withDatabase } from './with-database'

export interface ImportReadersOptions extends ImportOptions {
  policy: string
  topic?: string[]
  evidence: string
}

/** Takes in readers with the evidence of their consent, row by row. Mails nobody. */
export async function importReadersCommand(file: string, options: ImportReadersOptions): Promise<void> {
  const evidenceColumns = options.evidence.split(',').map(name => name.trim())
  if (evidenceColumns.length < 3 || evidenceColumns.length > 4 || evidenceColumns.includes(''))
    throw new Problem(
      '--evidence must name the columns of source, time, wording and, if there is one, policy version.',
    )
  const topicSlugs = options.topic ?? []
  await withDatabase(async (db, config) => {
    const known = await db.manager.countBy(Topic, { slug: In(topicSlugs) })
    if (known !== new Set(topicSlugs).size) throw new Problem('--topic: there is no such topic.')
    const policyNumber = /^[1-9]\d{0,8}$/.test(options.policy) ? Number(options.policy) : 0
    const policy = await policyVersion(db.manager, policyNumber, config.locales[0] ?? 'en', config.locales)
    if (!policy?.publishedAt) throw new Problem('--policy: there is no such policy version.')
    await importFile(
      db,
      config,
      file,
      { kind: 'readers', evidenceColumns, policyNumber, topicSlugs },
      options,
    )
  })
}
