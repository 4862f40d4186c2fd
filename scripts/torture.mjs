// Runs test/torture/main.ts: TypeScript is compiled file by file as it is required.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { transformFileSync } = require('@swc/core')

for (const extension of ['.ts', '.tsx'])
  require.extensions[extension] = (module, file) => module._compile(transformFileSync(file).code, file)
require('../test/torture/main.ts')
