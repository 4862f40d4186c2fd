import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'

const STAMP = 'dist/.built'
const ALSO_DECIDING = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json']
// Style sheets, and scripts that run in a browser as they are written.
const ASSET = /\.(css|mjs)$/
const COMPILED = /\.tsx?$/

/** Compiles `src/` to `dist/` when anything it is made of has changed since the last good build. */
export function build() {
  const sources = filesIn('src').filter(file => COMPILED.test(file) || ASSET.test(file))
  const wanted = fingerprint(sources)
  const outputs = sources.filter(file => !file.endsWith('.d.ts')).map(outputOf)
  const isComplete = outputs.every(existsSync)
  if (isComplete && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  console.log('Building dist/')
  rmSync(STAMP, { force: true })
  // The compiler's record would make it leave out files that somebody deleted from dist/.
  if (!isComplete) rmSync('dist/.tsbuildinfo', { force: true })
  compile()
  for (const asset of sources.filter(file => ASSET.test(file))) copy(asset, outputOf(asset))
  removeStale(new Set(outputs))
  writeFileSync(STAMP, wanted)
}

function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function fingerprint(sources) {
  const hash = createHash('sha256')
  for (const file of [...sources, ...ALSO_DECIDING]) hash.update(`${file}\n`).update(readFileSync(file))
  return hash.digest('hex')
}

const outputOf = source => join('dist', relative('src', source)).replace(COMPILED, '.js')

function compile() {
  const compiler = 'node_modules/typescript/bin/tsc'
  if (!existsSync(compiler)) throw new Error('TypeScript is not installed: run `npm ci --include=dev` first.')
  const args = [compiler, '-p', 'tsconfig.build.json']
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error('The build failed: see the messages of the compiler above.')
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}

// A deleted source's output would still be found by a require() and by tests. Only these are removed, never the
// whole folder: another process of this clone may be running from it.
function removeStale(outputs) {
  for (const file of filesIn('dist')) {
    const made = file.replace(/\.map$/, '')
    if (/\.(m?js|css)$/.test(made) && !outputs.has(made)) rmSync(file)
  }
}
