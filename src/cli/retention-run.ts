import { audit, operator } from '../consent/audit'
import { keptInWords } from '../privacy/retention/declared'
import { periodsOf } from '../privacy/retention/periods'
import { retentionRules } from '../privacy/retention/rules'
import { runRule } from '../privacy/retention/run'
import { transaction } from '../transaction'
import { withDatabase } from './with-database'

/** Removes what is over its time, or with `dryRun` only counts it. Prints one line per rule. */
export async function retentionRunCommand(options: { dryRun?: boolean; json?: boolean }): Promise<void> {
  const isDry = options.dryRun === true
  const rules = await withDatabase(async (db, config) => {
    const periods = periodsOf(config)
    if (!isDry) await transaction(db, tx => audit(tx, operator, 'retention.run', null))
    const lines: { rule: string; tables: readonly string[]; kept: string; rows: number }[] = []
    for (const rule of retentionRules) {
      const rows = isDry ? await rule.count(db.manager, periods) : await runRule(db, rule, periods)
      const { name, tables, kept } = rule
      lines.push({ rule: name, tables, kept: keptInWords('en', kept, periods), rows })
    }
    return lines
  })
  if (options.json) return console.log(JSON.stringify({ dryRun: isDry, rules }))
  const width = Math.max(...rules.map(({ rule }) => rule.length))
  for (const { rule, rows, kept } of rules)
    console.log(`${rule.padEnd(width)}  ${String(rows).padStart(9)}  ${kept}`)
  console.log(isDry ? 'Nothing was removed: this is what would go now.' : 'Removed.')
}
