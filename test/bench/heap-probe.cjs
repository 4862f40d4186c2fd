// Loaded into a worker with `-r`: writes the most its heap ever held to BENCH_HEAP_FILE. A full collection each second
// makes that what is alive and not what has not been swept yet; the run is not used for rates.
const { writeFileSync } = require('node:fs')
const v8 = require('node:v8')
const { runInNewContext } = require('node:vm')
const { isMainThread } = require('node:worker_threads')

v8.setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const high = { alive: 0, used: 0, rss: 0 }
let samples = 0

function look() {
  const before = process.memoryUsage()
  high.used = Math.max(high.used, before.heapUsed)
  high.rss = Math.max(high.rss, before.rss)
  if (samples++ % 4 === 0) {
    collect()
    high.alive = Math.max(high.alive, process.memoryUsage().heapUsed)
  }
  writeFileSync(process.env.BENCH_HEAP_FILE, JSON.stringify(high))
}

// Threads of the worker load this too; theirs is not the heap that may grow.
if (isMainThread) setInterval(look, 250).unref()
