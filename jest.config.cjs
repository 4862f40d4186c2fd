/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/jest-environment.cjs',
  runtime: '<rootDir>/test/support/jest-runtime.cjs',
  roots: ['<rootDir>/test'],
  // As many as cores: the processes that tests start, kill and race need their share too.
  maxWorkers: 2,
  testTimeout: 120_000,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  transform: { '^.+\\.tsx?$': '@swc/jest' },
}
