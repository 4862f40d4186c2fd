// A short version of the modes of `npm run torture`; the long ones run by hand and by night. Of races and of doubled and forged
// jobs it is withdrawal-race.test.ts and redis-away.test.ts.

import { torturedGently } from './torture/gently'
import type { Verdict } from './torture/judge'
import { torturedByKills } from './torture/kills'
import { withDatabases } from './torture/servers'
import { torturedByMariadbKills } from './torture/servers-away'
import { torturedAtSteps } from './torture/steps'
import { torturedByStorm } from './torture/storm'

const seed = Math.floor(Math.random() * 1e9)
const shared = { seed, connections: 6, readers: 200 }

// Each takes seconds; a busy machine may take its time.
jest.setTimeout(180_000)

/** Prints the seed with what went wrong, so that the same choices can be made again. */
async function holds(run: Promise<Verdict>): Promise<void> {
  const { violations, mode } = await run
  expect({ mode, seed, violations }).toEqual({ mode, seed, violations: [] })
}

test('workers killed and frozen at random moments break no invariant', () =>
  holds(torturedByKills({ ...shared, kills: 3 })))

test('workers ended by SIGTERM, Redis emptied and newsletters paused at random moments change no final state', () =>
  holds(torturedGently({ ...shared, times: 1 })))

test('MariaDB killed in the middle loses nothing that was answered, and nothing goes out twice', () =>
  withDatabases({ durable: true }, () => holds(torturedByMariadbKills({ ...shared, times: 1 }))))

test('of a crowd that leaves at once through every door nobody gets a message after the answer', () =>
  holds(torturedByStorm({ ...shared, readers: 900, times: 4, perSecond: 1_000, delayMs: 3 })))

test('a worker struck at a step loses nobody and sends nobody a second message', () =>
  holds(
    torturedAtSteps({ ...shared, rounds: 1, steps: ['expand.middle', 'finish.before', 'job.before-ack'] }),
  ))
