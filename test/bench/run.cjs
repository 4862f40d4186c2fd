// Runs a TypeScript file of ours with plain Node, compiled in memory by the compiler the tests use: `node run.cjs FILE …`.
const { readFileSync } = require('node:fs')
const { resolve } = require('node:path')
const { transformSync } = require('@swc/core')

const root = resolve(__dirname, '../..')

function load(module, filename) {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    configFile: resolve(root, '.swcrc'),
    swcrc: false,
  })
  module._compile(code, filename)
}
require.extensions['.ts'] = load
require.extensions['.tsx'] = load

// The file sees itself as the program that was started.
process.argv.splice(1, 1)
require(resolve(process.argv[1]))
