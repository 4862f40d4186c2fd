// The committed schemas must be the built ones. With --write they are brought up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { printPublicSchema, printStaffSchema } = createRequire(import.meta.url)('../dist/api/schema.js')

const schemas = [
  ['schema.graphql', await printPublicSchema()],
  ['schema.staff.graphql', await printStaffSchema()],
]
const read = file => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
const changed = schemas.filter(([file, sdl]) => read(file) !== sdl)
if (process.argv.includes('--write')) {
  for (const [file, sdl] of changed) writeFileSync(file, sdl)
} else if (changed.length > 0) {
  console.error(
    `Not what the code builds: ${changed.map(([file]) => file).join(', ')}. \`npm run fix\` writes them.`,
  )
  process.exit(1)
}
