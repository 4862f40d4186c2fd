import { registerEnumType } from 'type-graphql'

/** How a client carries its log-in: a browser's cookie, or `Authorization: Bearer`. */
export enum SessionTransport {
  COOKIE = 'COOKIE',
  BEARER = 'BEARER',
}
registerEnumType(SessionTransport, { name: 'SessionTransport' })
