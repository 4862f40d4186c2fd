// Without a record of earlier runs (a fresh clone) jest starts the largest files first; these are small and take longest.
const { default: Sequencer } = require('@jest/test-sequencer')

const LONG =
  /\/(?:faults-[a-z]+|torture|crash|wrong-clock|[a-z]+-race|redis-[a-z]+|renewal-crash|suppression-places|hand-off-outcomes|slow-server|first-start|enumeration|verify|restore|local-mode|cli|rates|site-switch|keys|password-rotated|shutdown-grace|sending-order|api-killed|fail-over|skip-reasons|expansion|watchdog|database-away)\.test\.ts$|\/pages-[a-z]+\.browser\.ts$/

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests)
    return [...sorted.filter(({ path }) => LONG.test(path)), ...sorted.filter(({ path }) => !LONG.test(path))]
  }
}
