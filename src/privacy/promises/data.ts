// P2: name and e-mail address only. P13: nobody under 13. P14: consent to the policy.
import { hashOfPolicy } from '../../consent/policies'
import { personalColumns } from '../../entities/personal'
import { PolicyVersion } from '../../entities/policy-version'
import { select } from '../../transaction'
import { type Found, LATEST, type PromiseMeans, wrong } from './kept'
import { figures } from './mail'

/** The tables have the columns that are declared and no other: nothing can be kept that nobody announced. */
export async function onlyDeclared({ db }: PromiseMeans): Promise<Found> {
  const declared = new Set(
    db.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns.map(({ databaseName }) => `${tableName}.${databaseName}`),
    ),
  )
  const undeclared = (await columnsThereAre(db)).filter(column => !declared.has(column))
  const personal = personalColumns()
  const [readers] = await select<Record<'readers' | 'named', number>>(
    db.manager,
    `SELECT COUNT(*) AS readers, COALESCE(SUM(name_sealed IS NOT NULL), 0) AS named FROM reader WHERE erased_at IS NULL`,
  )
  return {
    figures: {
      ...figures(readers),
      columns: personal.length,
      tables: new Set(personal.map(({ entity }) => entity)).size,
    },
    broken: wrong(['promise.broken.undeclared', undeclared.join(', ')]),
  }
}

/** TypeORM's own diary of migrations is no data of ours. */
async function columnsThereAre(db: PromiseMeans['db']): Promise<string[]> {
  const rows = await select<{ name: string }>(
    db.manager,
    `SELECT CONCAT(table_name, '.', column_name) AS name FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name <> 'migrations' ORDER BY name`,
  )
  return rows.map(({ name }) => name)
}

/** The limit that was passed, the same for everybody; no age. */
const LIMIT = 'registration.age_passed'
const ABOUT_AGE = /\.(.*_)?(birth|birthday|birthdate|born|dob|age)(_.*)?$/

/** Every sign-up passed an age check, and there is no place where an age could be kept. */
export async function noChildren({ db, config }: PromiseMeans): Promise<Found> {
  const places = (await columnsThereAre(db)).filter(column => ABOUT_AGE.test(column) && column !== LIMIT)
  const [found] = await select<Record<'confirmed' | 'unchecked' | 'erased', number>>(
    db.manager,
    `SELECT COUNT(*) AS confirmed,
       COALESCE(SUM(COALESCE(JSON_VALUE(evidence, '$.agePassed'), 0) < 13), 0) AS unchecked,
       (SELECT COUNT(*) FROM data_request WHERE is_child) AS erased
     FROM (SELECT evidence FROM consent_event WHERE surface = 'CONFIRM_PAGE' AND to_state = 'ConsentGiven'
       ORDER BY id DESC LIMIT ${LATEST}) latest`,
  )
  const { unchecked = 0, ...rest } = figures(found)
  return {
    figures: { ...rest, age: config.minimumAge },
    broken: wrong(
      ['promise.broken.ageKept', places.join(', ')],
      ['promise.broken.unchecked', unchecked],
      ['promise.broken.tooYoung', config.minimumAge < 13 ? config.minimumAge : 0],
    ),
  }
}

/** Every yes and no names a policy and words that are still there, letter by letter. */
export async function policiesStand({ db: { manager } }: PromiseMeans): Promise<Found> {
  const policies = await manager.find(PolicyVersion)
  const changed = policies.filter(one => !one.hash.equals(hashOfPolicy(one)))
  const [events] = await select<Record<'events' | 'unfounded' | 'checkpoints', number>>(
    manager,
    `SELECT COUNT(*) AS events,
       COALESCE(SUM(p.id IS NULL OR p.hash <> e.policy_hash OR w.id IS NULL OR w.wording_hash <> e.wording_hash), 0) AS unfounded,
       (SELECT COUNT(*) FROM ledger_checkpoint) AS checkpoints
     FROM (SELECT * FROM consent_event ORDER BY id DESC LIMIT ${LATEST}) e
       LEFT JOIN policy_version p ON p.id = e.policy_version_id
       LEFT JOIN purpose_version w ON w.id = e.purpose_version_id`,
  )
  const { unfounded = 0, ...rest } = figures(events)
  return {
    figures: { ...rest, versions: new Set(policies.map(({ number }) => number)).size },
    broken: wrong(
      ['promise.broken.noPolicy', policies.length === 0 ? 1 : 0],
      ['promise.broken.policyChanged', changed.map(one => `${one.number} (${one.locale})`).join(', ')],
      ['promise.broken.unfounded', unfounded],
    ),
  }
}
