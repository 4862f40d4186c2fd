// Test files run in the process itself, not in a context of their own, so that an Error or a Date made by a module that all
// of them share is an Error or a Date to each of them.
const { ModernFakeTimers } = require('@jest/fake-timers')
const { ModuleMocker } = require('jest-mock')

// What jest would leave for the next file: who listens to its tests, and a timeout that was meant for one file.
const LEFT_BEHIND = ['EVENT_HANDLERS', 'TEST_TIMEOUT_SYMBOL'].map(name => Symbol.for(name))

module.exports = class SharedRealm {
  global = globalThis
  moduleMocker = new ModuleMocker(globalThis)
  fakeTimers = null
  console = console
  exit = process.exit
  builtin = process.getBuiltinModule

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis })
  }

  getVmContext() {
    return null
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose()
    for (const key of LEFT_BEHIND) Reflect.deleteProperty(globalThis, key)
    globalThis.console = this.console
    process.exit = this.exit
    process.getBuiltinModule = this.builtin
  }
}
