// Loaded before a process (NODE_OPTIONS=--require): its wall clock is wrong by WRONG_CLOCK_HOURS. With several numbers it
// jumps from the one to the next every 300 ms. Timers and performance.now() go on as they should.
const hours = (process.env.WRONG_CLOCK_HOURS ?? '0').split(',').map(Number)
const RealDate = Date
let at = 0
const now = () => RealDate.now() + hours[at] * 3_600_000

if (hours.length > 1)
  setInterval(() => {
    at = (at + 1) % hours.length
  }, 300).unref()

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args) => (args.length > 0 ? new target(...args) : new target(now())),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})
