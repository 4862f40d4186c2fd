import { Not } from 'typeorm'
import { Processor, ProcessorStatus } from '../entities/processor'
import { createContext } from './context'
import type { DoorHandler } from './door'
import { frameOf, languagesOf } from './page-frame'
import { processorsPage } from './pages/processors-page'
import { processorViews } from './processor-view'

/** More than anybody reads through. */
const MAX_LISTED = 200

/** The registry of third parties (standards P1). Public, nothing personal. */
export const processorsPageDoor: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  const { loaders } = await createContext(services, request, false)
  const processors = await services.db.manager.find(Processor, {
    where: { status: Not(ProcessorStatus.DRAFT) },
    order: { id: 'ASC' },
    take: MAX_LISTED,
  })
  const views = await processorViews({ ...services, loaders, locale: frame.locale }, processors)
  response
    .set({ 'Cache-Control': 'public, max-age=300', Vary: 'Accept-Language' })
    .type('html')
    .send(
      processorsPage({
        ...frame,
        ownHosts: services.config.ownHosts,
        processors: views.map(view => ({ ...view, purposes: view.purposes.map(({ title }) => title) })),
        languages: languagesOf(frame, '/processors'),
      }),
    )
}
