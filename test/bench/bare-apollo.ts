// What Apollo Server does by itself: the same answers from memory, no database, no limits, no log-in. `bare-apollo.ts PORT`.
import { ApolloServer } from '@apollo/server'
import { expressMiddleware } from '@as-integrations/express5'
import express from 'express'

const topics = Array.from({ length: 20 }, (_, n) => ({
  id: `01a204a8-3f96-73c9-a3f3-55208d5b85${10 + n}`,
  slug: `topic-${n}`,
  name: `topic-${n}`,
}))

async function main(port: number): Promise<void> {
  const apollo = new ApolloServer({
    typeDefs: `type Topic { id: ID! slug: String! name: String! }
      type Topics { nodes: [Topic!]! } type Viewer { role: String! }
      type Query { topics(first: Int): Topics! viewer: Viewer! }`,
    resolvers: { Query: { topics: () => ({ nodes: topics }), viewer: () => ({ role: 'ANONYMOUS' }) } },
  })
  await apollo.start()
  const app = express()
  app.post('/graphql', express.json(), expressMiddleware(apollo))
  app.listen(port, '127.0.0.1', () => console.log('ready'))
}

void main(Number(process.argv[2]))
