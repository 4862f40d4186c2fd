import { clickPurpose } from '../consent/click-counting'
import { NewsletterLink } from '../entities/newsletter-link'
import { StatMetric } from '../entities/stat-cell'
import { countVisitor } from '../privacy/count-visitor'
import { hasOptedOut } from './browser-signal'
import type { DoorHandler } from './door'
import { frameOf } from './page-frame'
import { statusPage } from './pages/message-page'

const ID = /^[a-z]{12}$/

/**
 * /r/ID, in mails of readers who said yes to it: leads to where the newsletter led when it started, and nowhere else. It is
 * the same for all of them, and counts one person a day and link; HEAD and browsers with the signal are not counted.
 */
export const click: DoorHandler = async (services, request, response) => {
  const { link: id } = request.params
  const { redis, db } = services
  const link =
    typeof id === 'string' && ID.test(id) ? await db.manager.findOneBy(NewsletterLink, { id }) : null
  response.set({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
  if (!link) {
    const frame = await frameOf(services, request)
    return void response
      .status(404)
      .type('html')
      .send(statusPage({ ...frame, status: 404 }))
  }
  const isCounted = request.method === 'GET' && !hasOptedOut(request) && (await clickPurpose(db.manager))
  if (isCounted) {
    const visitor = { address: request.ip ?? '', userAgent: request.headers['user-agent'] ?? '' }
    const seen = { metric: StatMetric.LINK_CLICK, label: link.id }
    await countVisitor({ redis, db: db.manager }, visitor, [seen])
  }
  response.redirect(302, new URL(link.url).href)
}
