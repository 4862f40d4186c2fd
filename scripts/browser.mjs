// `npm run test:browser`: the reader pages and GraphiQL in a real browser, test/browser/*.browser.ts.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { providePackages } from './provide-packages.mjs'

const CHROMIUM = '/usr/bin/chromium'

try {
  providePackages('test:browser', [{ command: CHROMIUM, check: '--version', packages: ['chromium'] }])
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
// The option takes all words behind it, so names of single files stand before it.
const args = [...process.argv.slice(2), '--testMatch', '**/*.browser.ts']
const { status } = spawnSync(process.execPath, [jest, ...args], {
  stdio: 'inherit',
  env: { ...process.env, CHROMIUM },
})
process.exit(status ?? 1)
