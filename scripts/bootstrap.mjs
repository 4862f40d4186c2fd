// Makes a bare clone runnable: packages, database servers, build. Plain Node without packages, because it runs
// before anything is installed. `--build-only` leaves packages and servers alone (for npm's own `prepare`).
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
// require() of ES modules works from these on; several packages have no other form.
const isNew = major === 20 ? minor >= 19 : major === 22 ? minor >= 12 : major >= 23

async function bootstrap() {
  if (!isNew)
    throw new Error(
      `Node ${process.versions.node} is too old: We Interrupt needs Node 20.19 or newer (from 22 on: 22.12). See https://nodejs.org or your system's packages.`,
    )
  // npm ci, which we call below, runs this script again as `prepare`; the outer run builds.
  if (process.env.WEINTERRUPT_BOOTSTRAP) return
  process.env.WEINTERRUPT_BOOTSTRAP = '1'
  process.chdir(fileURLToPath(new URL('..', import.meta.url)))
  const { withLock } = await import('./bootstrap/lock.mjs')
  const { installPackages } = await import('./bootstrap/packages.mjs')
  const { provideServers } = await import('./bootstrap/servers.mjs')
  const { build } = await import('./bootstrap/build.mjs')
  await withLock(() => {
    if (process.argv[2] === '--build-only') return build()
    // Servers first: where they are missing and may not be installed, nobody waits for packages in vain.
    provideServers()
    installPackages()
    build()
  })
}

bootstrap().catch(error => {
  console.error(`\n${error.message}`)
  process.exit(1)
})
