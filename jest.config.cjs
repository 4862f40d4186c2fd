// Packages without a CommonJS build: Node 20's require() reads them, jest's own loader does not.
const esmOnly = [
  'uuid',
  'html-to-text',
  'linkifyjs',
  '@selderee',
  'selderee',
  'parseley',
  'leac',
  'peberminta',
  'deepmerge-ts',
  'htmlparser2',
  'domhandler',
  'domutils',
  'domelementtype',
  'dom-serializer',
  'entities',
  'intl-messageformat',
  '@formatjs',
]

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  // One more than two cores: most tests wait for leases, sweeps and slow servers most of the time.
  maxWorkers: 3,
  testTimeout: 60_000,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  transform: { '^.+\\.[cm]?[jt]sx?$': '@swc/jest' },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
}
