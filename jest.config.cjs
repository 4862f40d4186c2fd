/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/jest-environment.cjs',
  runtime: '<rootDir>/test/support/jest-runtime.cjs',
  roots: ['<rootDir>/test'],
  // One more than two cores: most tests wait for leases, sweeps and slow servers most of the time.
  maxWorkers: 3,
  testTimeout: 60_000,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  transform: { '^.+\\.tsx?$': '@swc/jest' },
}
