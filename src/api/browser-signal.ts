// Global Privacy Control (W3C draft of 2026-04; standards C3): a browser that says "do not sell or share" is heard, always.
import type { Request } from 'express'
import type { DoorHandler } from './door'

/** Whether the browser sent it. Of several headers, which Node joins with commas, one that is exactly `1` is enough. */
export const hasOptedOut = ({ headers }: Pick<Request, 'headers'>): boolean =>
  [headers['sec-gpc'] ?? []]
    .flat()
    .flatMap(value => value.split(','))
    .some(value => value.trim() === '1')

/** When what we say about the signal was last changed. */
const LAST_UPDATE = '2026-11-30'

/** `/.well-known/gpc.json`: this site honours the signal. */
export const signalStatement: DoorHandler = (_services, _request, response) => {
  response.set('Cache-Control', 'public, max-age=86400').json({ gpc: true, lastUpdate: LAST_UPDATE })
}
