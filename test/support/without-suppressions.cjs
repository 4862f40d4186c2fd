// Loaded before a process (NODE_OPTIONS=--require): takes the look at suppressions out of the places that
// WITHOUT_SUPPRESSIONS names (import, expansion, claim, gate), as if somebody had forgotten it there.
const { readFileSync } = require('node:fs')
const Module = require('node:module')

const looksAway = source =>
  source.replaceAll(
    'skip_reason_1.skipReasonSql',
    "skip_reason_1.skipReasonSql.replaceAll('x.address_hash = r.address_hash', 'FALSE')",
  )

const places = {
  import: {
    files: ['consent/import-readers'],
    change: source => source.replace('if (isSuppressed)', 'if (false)'),
  },
  expansion: { files: ['newsletters/expand'], change: looksAway },
  claim: { files: ['worker/load-deliveries', 'worker/hand-off-batch'], change: looksAway },
  gate: { files: ['consent/gate'], change: looksAway },
}

const changes = new Map(
  (process.env.WITHOUT_SUPPRESSIONS ?? '')
    .split(',')
    .filter(Boolean)
    .flatMap(name => places[name].files.map(file => [`/dist/${file}.js`, places[name].change])),
)

const load = Module._extensions['.js']
Module._extensions['.js'] = (module, filename) => {
  const change = [...changes].find(([end]) => filename.endsWith(end))?.[1]
  if (!change) return load(module, filename)
  const source = readFileSync(filename, 'utf8')
  const changed = change(source)
  if (changed === source) throw new Error(`There is no look at suppressions any more in ${filename}`)
  module._compile(changed, filename)
}
