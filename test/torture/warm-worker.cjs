// A worker process with everything loaded that starts when it is told to: the next one is ready when one is killed.
const { subscribe } = require('node:diagnostics_channel')
const { join } = require('node:path')

const dist = name => join(__dirname, '../../dist', name)
for (const name of ['worker/workers', 'database/migrate', 'connections', 'consent/first-start', 'process'])
  require(dist(`${name}.js`))
process.once('message', () => require(dist('worker/main.js')))
// Its first sweep shows that it is up, and that it hears signals.
let isReady = false
subscribe('weinterrupt:sweep.before', () => {
  if (!isReady) process.send?.('ready')
  isReady = true
})
process.once('disconnect', () => process.exit(0))
