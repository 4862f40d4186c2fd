import { inWords } from '../privacy/promises/all'
import type { DoorHandler } from './door'
import { latestPromises } from './latest-promises'
import { frameOf, languagesOf } from './page-frame'
import { promisesPage } from './pages/promises-page'

/** Every promise with what there is to show for it. Public, nothing personal. */
export const promisesPageDoor: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  const { at, promises } = await latestPromises(services)
  response
    .set({ 'Cache-Control': 'public, max-age=60', Vary: 'Accept-Language' })
    .type('html')
    .send(
      promisesPage({
        ...frame,
        at,
        promises: inWords(frame.locale, promises),
        languages: languagesOf(frame, '/promises'),
      }),
    )
}
