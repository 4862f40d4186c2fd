// The planted bugs of test/planted: each is put into a copy of the tree, and the tests named in it must turn red there.
// `npm run planted [NAME…]`. Exit 1 if a bug is not noticed, or its patch no longer applies or builds.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'test/planted')
const LEFT_OUT = new Set(['node_modules', '.git', '.local', 'coverage'])

function run(cwd, command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  return { isGood: status === 0, output: `${stdout}${stderr}` }
}

/** A tree of its own; packages are shared. */
function copyTree() {
  const copy = mkdtempSync(join(tmpdir(), 'weinterrupt-planted-'))
  cpSync(root, copy, {
    recursive: true,
    filter: source => !LEFT_OUT.has(relative(root, source).split('/')[0]),
  })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  mkdirSync(join(copy, '.local'))
  return copy
}

const testsOf = patch => /^Tests: (.+)$/m.exec(patch)?.[1]?.split(' ') ?? []

/** What became of the bug: RED is what it must be. */
function plant(file) {
  const tests = testsOf(readFileSync(file, 'utf8'))
  if (tests.length === 0) return 'names no tests'
  const copy = copyTree()
  try {
    if (!run(copy, 'patch', '--batch', '--strip=1', '--fuzz=0', `--input=${file}`).isGood)
      return 'does not apply'
    const built = run(copy, process.execPath, 'scripts/bootstrap.mjs', '--build-only')
    if (!built.isGood) return `does not build\n${built.output}`
    const jest = join('node_modules', 'jest', 'bin', 'jest.js')
    const tested = run(copy, process.execPath, jest, '--bail', ...tests)
    const hasRun = /^Tests: +.*\d+ (failed|passed)/m.test(tested.output)
    if (!hasRun) return `did not run\n${tested.output.slice(-2000)}`
    return tested.isGood ? 'GREEN: not noticed' : 'RED'
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const wanted = process.argv.slice(2)
const files = readdirSync(folder).filter(name => name.endsWith('.patch'))
const names = files
  .map(name => name.replace(/\.patch$/, ''))
  .filter(name => wanted.length === 0 || wanted.includes(name))
let isGood = names.length > 0
for (const name of names) {
  const startedAt = Date.now()
  const result = plant(resolve(folder, `${name}.patch`))
  isGood &&= result === 'RED'
  console.log(`${name.padEnd(36)} ${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${result}`)
}
process.exit(isGood ? 0 : 1)
