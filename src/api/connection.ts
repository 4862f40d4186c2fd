// Relay connections: keyset paging, at most 100 at once (I15).
import { Field, ObjectType } from 'type-graphql'
import { RequestError } from './errors'

export const MAX_PAGE = 100

@ObjectType()
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean

  @Field(() => Boolean)
  hasPreviousPage!: boolean

  @Field(() => String, { nullable: true })
  startCursor!: string | null

  @Field(() => String, { nullable: true })
  endCursor!: string | null
}

export interface Connection<Node> {
  edges: { cursor: string; node: Node }[]
  nodes: Node[]
  pageInfo: PageInfo
}

/** The `XConnection` and `XEdge` types of a node type. */
export function connectionOf<Node extends object>(
  nodeType: new (...args: never[]) => Node,
  name: string,
): new () => Connection<Node> {
  @ObjectType(`${name}Edge`)
  class Edge {
    @Field(() => String)
    cursor!: string

    @Field(() => nodeType)
    node!: Node
  }

  @ObjectType(`${name}Connection`)
  class NodeConnection implements Connection<Node> {
    @Field(() => [Edge])
    edges!: Edge[]

    @Field(() => [nodeType])
    nodes!: Node[]

    @Field(() => PageInfo)
    pageInfo!: PageInfo
  }
  return NodeConnection
}

export interface Page {
  limit: number
  /** The key after which the page starts; undefined for the first. */
  after: number | undefined
}

/** Reads `first` and `after`. Throws BAD_USER_INPUT when they are out of range or not a cursor of ours. */
export function pageOf(first: number, after: string | null | undefined): Page {
  if (first < 1 || first > MAX_PAGE)
    throw new RequestError('BAD_USER_INPUT', `first must be from 1 to ${MAX_PAGE}`)
  if (!after) return { limit: first, after: undefined }
  const key = Number(Buffer.from(after, 'base64url').toString())
  if (!Number.isSafeInteger(key)) throw new RequestError('BAD_USER_INPUT', 'after is not a cursor')
  return { limit: first, after: key }
}

/** Builds the connection from up to `limit + 1` rows: the extra one only tells that there is more. */
export function connectionFrom<Node>(
  rows: readonly Node[],
  page: Page,
  keyOf: (row: Node) => number,
): Connection<Node> {
  const nodes = rows.slice(0, page.limit)
  const edges = nodes.map(node => ({ cursor: Buffer.from(String(keyOf(node))).toString('base64url'), node }))
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: rows.length > page.limit,
      hasPreviousPage: page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}
