import { declaredWords } from '../privacy/declared-words'
import { declaredKinds, figuresKept, keptInWords } from '../privacy/retention/declared'
import { periodsOf } from '../privacy/retention/periods'
import type { DoorHandler } from './door'
import { frameOf, languagesOf } from './page-frame'
import { retentionPage } from './pages/retention-page'

/** What is kept, why and for how long, from the declarations in the code (standards K5). Public, nothing personal. */
export const retentionPageDoor: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  const { locale } = frame
  const periods = periodsOf(services.config)
  const kinds = [...declaredKinds(), figuresKept].map(({ what, why, kept, about }) => ({
    about,
    what: declaredWords(locale, what),
    why: declaredWords(locale, why),
    kept: keptInWords(locale, kept, periods),
  }))
  response
    .set({ 'Cache-Control': 'public, max-age=300', Vary: 'Accept-Language' })
    .type('html')
    .send(retentionPage({ ...frame, kinds, languages: languagesOf(frame, '/privacy/retention') }))
}
