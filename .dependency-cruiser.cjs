// Who may import whom. The table is the architecture; each row says what a folder or file may use of ours.
const everywhere = [
  'config',
  'secret-files',
  'log',
  'steps',
  'transaction',
  'insert-rows',
  'packets',
  'messages',
]
const below = [
  'consent',
  'deliveries',
  'entities',
  'imports',
  'jobs',
  'mail',
  'newsletters',
  'notices',
  'privacy',
  'secrets',
]

const mayImport = {
  entities: [],
  jobs: [],
  secrets: [],
  deliveries: ['entities'],
  consent: ['entities', 'deliveries', 'secrets'],
  // deliveries: retention ends what only deliveries/ may touch.
  // mail/mark-links: what went out is read as it was marked.
  privacy: ['consent', 'deliveries', 'entities', 'secrets', 'mail/mark-links'],
  notices: ['consent', 'entities', 'secrets', 'mail/render'],
  newsletters: ['consent', 'deliveries', 'entities', 'mail/render'],
  imports: ['consent', 'entities', 'secrets', 'mail/address'],
  mail: ['secrets', 'consent/permit'],
  api: below,
  worker: below,
  database: ['entities'],
  local: [],
}

/** These start processes: they also open connections, migrate and run local mode. */
const entrances = ['api/main', 'worker/main', 'local/main', 'cli']
const openers = ['connections', 'database', 'local', 'process', 'api', 'worker', ...below]

const at = name => `^src/${name}(/|[.-]|$)`
const anyOf = names => names.map(at).join('|')
const entranceFiles = anyOf(entrances)
/** What is run as a process of its own. */
// The last one is started by browsers.
const started = anyOf([
  ...[
    'api/main',
    'worker/main',
    'local/main',
    'local/guard',
    'cli/main',
    'cli/check-drift',
    'cli/check-personal',
  ],
  'api/pages/challenge-in-browser',
])

const rows = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `${name}-imports`,
  comment: `src/${name} may import: ${[...allowed, ...everywhere].join(', ')}`,
  severity: 'error',
  from: { path: at(name), pathNot: `${entranceFiles}|^src/api/context|^src/worker/(context|workers)` },
  to: { path: '^src', pathNot: anyOf([name, ...allowed, ...everywhere]) },
}))

const packageOnlyIn = (name, where) => ({
  name: `${name}-only-in-${where.join('-')}`,
  severity: 'error',
  from: { path: '^src', pathNot: anyOf(where) },
  to: { path: `node_modules/${name}/` },
})

module.exports = {
  forbidden: [
    ...rows,
    {
      name: 'entrances-import',
      comment: 'main.ts and the command line start things; still only what exists for that',
      severity: 'error',
      from: { path: entranceFiles },
      to: { path: '^src', pathNot: anyOf([...entrances, ...openers, ...everywhere]) },
    },
    {
      name: 'contexts-import',
      comment:
        'The two contexts name the type of the open connections, and workers.ts opens its own to Redis',
      severity: 'error',
      from: { path: '^src/api/context|^src/worker/(context|workers)' },
      to: { path: '^src', pathNot: `${anyOf([...below, 'connections', ...everywhere])}|^src/(api|worker)/` },
    },
    {
      name: 'api-never-hands-off',
      comment: 'Only the worker can send',
      severity: 'error',
      from: { path: at('api') },
      to: { path: '^src/mail/smtp|^src/worker/' },
    },
    packageOnlyIn('@apollo/server', ['api']),
    packageOnlyIn('type-graphql', ['api', 'entities']),
    packageOnlyIn('bullmq', ['jobs', 'worker', 'connections']),
    packageOnlyIn('nodemailer', ['mail/smtp']),
    packageOnlyIn('mjml', ['mail/render']),
    packageOnlyIn('csv-parse', ['imports']),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'Reachable from a process, the command line or a script',
      severity: 'error',
      from: { path: started },
      // A browser loads those by their URL.
      to: { path: '^src', pathNot: `${started}|\\.mjs$`, reachable: false },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.json'] },
  },
}
