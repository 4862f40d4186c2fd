// A worker process with everything loaded that starts when it is told to: the next one is ready when one is killed.
const { join } = require('node:path')

const dist = name => join(__dirname, '../../dist', name)
for (const name of ['worker/workers', 'database/migrate', 'connections', 'consent/first-start', 'process'])
  require(dist(`${name}.js`))
process.once('message', () => require(dist('worker/main.js')))
process.once('disconnect', () => process.exit(0))
