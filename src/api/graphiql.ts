// GraphiQL on both schemas, from its own package, in local mode only.
import { dirname, join } from 'node:path'
import express, { type Express } from 'express'

const fileOf = (name: string): string => require.resolve(name)

const assets = {
  'graphiql.css': join(dirname(fileOf('graphiql/package.json')), 'graphiql.min.css'),
  'graphiql.js': join(dirname(fileOf('graphiql/package.json')), 'graphiql.min.js'),
  'react.js': join(dirname(fileOf('react/package.json')), 'umd/react.production.min.js'),
  'react-dom.js': join(dirname(fileOf('react-dom/package.json')), 'umd/react-dom.production.min.js'),
} as const

const script = `
const defaultQuery = location.pathname.endsWith('/staff')
  ? '# Log in first, then put {"Authorization": "Bearer TOKEN"} into Headers below.\\nmutation {\\n  staffLogin(input: {email: "", password: "", transport: BEARER}) {\\n    tokens { accessToken }\\n    userErrors { code message }\\n  }\\n}\\n'
  : '{\\n  site { name policy { version title } purposes { key version title } }\\n  topics { nodes { slug name description cadence } }\\n}\\n'
const fetcher = GraphiQL.createFetcher({ url: location.pathname })
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher, defaultQuery, defaultEditorToolsVisibility: 'headers', shouldPersistHeaders: true,
  }),
)`

const page = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/graphiql/graphiql.css">
<link rel="stylesheet" href="/graphiql/page.css">
</head>
<body>
<div id="graphiql">Loading …</div>
<script src="/graphiql/react.js"></script>
<script src="/graphiql/react-dom.js"></script>
<script src="/graphiql/graphiql.js"></script>
<script src="/graphiql/start.js"></script>
</body>
</html>
`

/** The editor writes styles while it runs; nothing but our own files and endpoints is reachable. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
].join('; ')

/** What it needs besides the two endpoints. */
export const graphiqlPaths = [...Object.keys(assets), 'start.js', 'page.css'].map(name => `/graphiql/${name}`)

export function graphiqlDoors(app: Express): void {
  for (const [name, file] of Object.entries(assets))
    app.get(`/graphiql/${name}`, (_request, response) => {
      response.set('Cache-Control', 'public, max-age=3600').sendFile(file)
    })
  app.get('/graphiql/start.js', (_request, response) => void response.type('js').send(script))
  app.get(
    '/graphiql/page.css',
    (_request, response) =>
      void response.type('css').send('html, body, #graphiql { height: 100%; margin: 0 }'),
  )
  for (const [path, title] of [
    ['/graphql', 'We Interrupt: public API'],
    ['/graphql/staff', 'We Interrupt: staff API'],
  ] as const)
    app.get(path, (_request: express.Request, response: express.Response) => {
      response.set('Content-Security-Policy', POLICY).type('html').send(page(title))
    })
}
