// Loads what the tests use once per test process, not once per file: TypeORM, Apollo, MJML and the product are two
// thousand modules, and took three seconds of every file. So a module's own state lives on from one file to the next, as
// it does in a server; `jest.mock` and `jest.resetModules` do nothing here. Needs the environment next to this file.
const { createRequire, Module } = require('node:module')
const { default: Runtime } = require('jest-runtime')

// Where jest finds the map that belongs to a compiled file.
const sourceMaps = new Map()
let compile

for (const extension of ['.ts', '.tsx'])
  Module._extensions[extension] = (module, file) => module._compile(compile(file), file)

module.exports = class OneRegistry extends Runtime {
  constructor(config, environment, resolver, transformer, ...rest) {
    super(config, environment, resolver, transformer, ...rest)
    compile = file => {
      const { code, sourceMapPath } = transformer.transform(file, {})
      if (sourceMapPath) sourceMaps.set(file, sourceMapPath)
      return code
    }
  }

  /** With one argument: the test file, new each time, even in a watch. */
  requireModule(from, name) {
    if (name) return createRequire(from)(name)
    global.jest = this.requireModuleOrMock(from, '@jest/globals').jest
    return requireAnew(from)
  }

  /** Jest's own collector of tests, which belongs to one file. */
  requireInternalModule(file) {
    return requireAnew(file)
  }

  getSourceMaps() {
    return sourceMaps
  }
}

function requireAnew(file) {
  const require = createRequire(file)
  delete require.cache[file]
  return require(file)
}
