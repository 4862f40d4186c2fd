// How often somebody may guess. Kept in MariaDB: log-ins are few, and the limit must hold while Redis is away.
import type { DataSource, EntityManager } from 'typeorm'
import { fingerprint } from '../secrets/address-hash'
import type { Keyring } from '../secrets/keyring'
import { select, transaction, write } from '../transaction'

/** What is guessed at. The account by the address that was typed, so that unknown ones are counted alike. */
export type Guess =
  | { kind: 'account'; address: string }
  | { kind: 'client'; ip: string }
  | { kind: 'code'; staffId: string }
  /** Not a guess, but a mail for the asking: counted alike, and never given back. */
  | { kind: 'reset'; address: string }

/** A window begins with its first guess. A code has a million values, so guesses at it are counted over a whole day. */
const LIMITS: Record<Guess['kind'], { attempts: number; seconds: number }> = {
  account: { attempts: 20, seconds: 15 * 60 },
  client: { attempts: 60, seconds: 15 * 60 },
  code: { attempts: 20, seconds: 24 * 3600 },
  reset: { attempts: 5, seconds: 3600 },
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

/**
 * Counts one guess at each before it is looked at, so that guesses made at once are all counted; false when one of them
 * has had too many. What turned out right is given back with `forgiveGuess`. Loopback clients are not limited.
 */
export async function mayGuess(
  db: DataSource,
  keyring: Keyring,
  guesses: readonly Guess[],
): Promise<boolean> {
  const answers: boolean[] = []
  for (const guess of guesses)
    if (isLimited(guess)) answers.push(await transaction(db, tx => count(tx, keyring, guess)))
  return answers.every(Boolean)
}

async function count(tx: EntityManager, keyring: Keyring, guess: Guess): Promise<boolean> {
  const subject = subjectOf(keyring, guess)
  const { attempts, seconds } = LIMITS[guess.kind]
  // MariaDB assigns from left to right: `attempts` still sees the old window.
  const [row] = await select<{ attempts: number }>(
    tx,
    `INSERT INTO staff_attempt (subject, attempts, since) VALUES (?, 1, UTC_TIMESTAMP(3))
     ON DUPLICATE KEY UPDATE
       attempts = IF(since <= UTC_TIMESTAMP(3) - INTERVAL ? SECOND, 1, attempts + 1),
       since = IF(since <= UTC_TIMESTAMP(3) - INTERVAL ? SECOND, UTC_TIMESTAMP(3), since)
     RETURNING attempts`,
    [subject, seconds, seconds],
  )
  return (row?.attempts ?? 1) <= attempts
}

/** The guess was right and does not count. */
export async function forgiveGuess(
  db: EntityManager,
  keyring: Keyring,
  guesses: readonly Guess[],
): Promise<void> {
  for (const guess of guesses)
    await write(db, 'UPDATE staff_attempt SET attempts = attempts - 1 WHERE subject = ? AND attempts > 0', [
      subjectOf(keyring, guess),
    ])
}

const isLimited = (guess: Guess): boolean => guess.kind !== 'client' || !LOOPBACK.test(guess.ip)

function subjectOf(keyring: Keyring, guess: Guess): Buffer {
  const { kind, ...value } = guess
  return fingerprint(keyring, `guess-${kind}`, Object.values(value).join())
}
