import type { DoorHandler } from './door'
import { bodyText } from './form-body'
import { isFromOwnPage } from './own-origin'
import { frameOf } from './page-frame'
import { cellOf, recordStats, type StatEvent } from './record-stats'
import { visitorOf } from './visitor'

const MAX_EVENTS = 20

/** `sendBeacon` of our own pages: JSON, one event or a list. 204 whether it was counted or not; 400 for what is no event. */
export const beacon: DoorHandler = async (services, request, response) => {
  const events = eventsIn(await bodyText(request))
  const cells = events?.map(cellOf)
  if (!cells || cells.length > MAX_EVENTS || cells.includes(undefined))
    return void response.status(400).type('text/plain').send('no event')
  if (isFromOwnPage(request, services.config.publicUrl)) {
    const visitor = await visitorOf(services, request, await frameOf(services, request))
    await recordStats(
      services,
      request,
      visitor,
      cells.filter(cell => cell !== undefined),
    )
  }
  response.vary('Cookie, Sec-GPC').status(204).end()
}

function eventsIn(text: string | undefined): StatEvent[] | undefined {
  try {
    const events = [JSON.parse(text ?? '') as unknown].flat()
    const isList = events.length > 0 && events.every(one => typeof one === 'object' && one !== null)
    return isList ? (events as StatEvent[]) : undefined
  } catch {
    return undefined
  }
}
