// /links: the directory for everybody, and what anybody has to say about a link. Nothing is kept of who says it.
import type { Request, Response } from 'express'
import { DirectoryLink, LinkStatus } from '../entities/directory-link'
import { FeedbackKind } from '../entities/link-feedback'
import { message } from '../messages'
import { MAX_COMMENT } from '../privacy/link-feedback'
import { clientOf } from './client'
import type { Services } from './context'
import type { DoorHandler } from './door'
import { formFields } from './form-body'
import { isFromOwnPage } from './own-origin'
import { type Frame, frameOf, languagesOf, sendPage } from './page-frame'
import { linksPage } from './pages/links-page'
import { statusPage } from './pages/message-page'
import { saveFeedback } from './save-feedback'
import { ErrorCode } from './user-errors'

/** More than anybody reads through. */
const MAX_LISTED = 200
/** All there is a place for: a form that asks for more is none of ours, and whatever else it brings is not looked at. */
const FIELDS = new Set(['locale', 'kind', 'comment'])

export const linksPageDoor: DoorHandler = async (services, request, response) => {
  const frame = await frameOf(services, request)
  response
    .set({ 'Cache-Control': 'public, max-age=300', Vary: 'Accept-Language' })
    .type('html')
    .send(await pageOf(services, frame))
}

export const linksFeedback: DoorHandler = async (services, request, response) => {
  const fields = await formFields(request)
  const frame = await frameOf(services, request, fields.get('locale') ?? undefined)
  const kind = Object.values(FeedbackKind).find(one => one === fields.get('kind'))
  const problem = problemOf(services, request, fields)
  if (problem || !kind) return refuse(services, response, frame, problem ?? 'links.error.kind')
  const client = clientOf(services, request)
  const { id } = request.params
  const outcome = await saveFeedback(services, client, String(id), kind, fields.get('comment') ?? '')
  if ('link' in outcome) return sendPage(response, await pageOf(services, frame, { isThanked: true }))
  if (outcome.code === ErrorCode.TOO_LONG) return refuse(services, response, frame, 'links.error.long')
  sendPage(response, statusPage({ ...frame, status: 404 }), 404)
}

type Refusal = 'links.error.kind' | 'links.error.long' | 'links.error.fields' | 'links.error.elsewhere'

function problemOf({ config }: Services, request: Request, fields: URLSearchParams): Refusal | undefined {
  if (!isFromOwnPage(request, config.publicUrl)) return 'links.error.elsewhere'
  const names = [...fields.keys()]
  const isOurs = names.every(name => FIELDS.has(name)) && new Set(names).size === names.length
  return isOurs ? undefined : 'links.error.fields'
}

async function refuse(services: Services, response: Response, frame: Frame, problem: Refusal): Promise<void> {
  const errors = [{ field: '', message: message(frame.locale, problem, { count: MAX_COMMENT }) }]
  sendPage(
    response,
    await pageOf(services, frame, { errors }),
    problem === 'links.error.elsewhere' ? 403 : 422,
  )
}

async function pageOf(
  { db, config }: Services,
  frame: Frame,
  answer: { isThanked?: boolean; errors?: { field: string; message: string }[] } = {},
): Promise<string> {
  const links = await db.manager.find(DirectoryLink, {
    where: { status: LinkStatus.LISTED },
    order: { category: 'ASC', title: 'ASC', id: 'ASC' },
    take: MAX_LISTED,
  })
  return linksPage({
    ...frame,
    links: links.map(({ publicId, checkedAt, ...link }) => ({
      ...link,
      id: publicId,
      lastCheckedAt: checkedAt,
    })),
    ownHosts: config.ownHosts,
    errors: answer.errors ?? [],
    isThanked: answer.isThanked ?? false,
    maxComment: MAX_COMMENT,
    languages: languagesOf(frame, '/links'),
  })
}
