// Pages of who is logged in. Nobody else gets further than the page that asks for an address.
import type { Request, Response } from 'express'
import type { Reader } from '../entities/reader'
import type { ReaderSession } from '../entities/reader-session'
import { type ApiContext, createContext, type Services } from './context'
import type { DoorHandler } from './door'
import { isFromOwnPage } from './own-origin'
import { type Frame, frameOf } from './page-frame'

export interface OwnContext extends ApiContext {
  reader: Reader
  readerSession: ReaderSession
}

export type OwnHandler = (
  context: OwnContext,
  frame: Frame,
  request: Request,
  response: Response,
) => Promise<void>

/** Runs the handler for the reader who is logged in, in their language; sends everybody else to /p. */
export const ownPage =
  (handle: OwnHandler): DoorHandler =>
  async (services, request, response) => {
    const { own, frame } = await whoAsks(services, request, response)
    if (!own) return response.redirect(303, '/p')
    await handle(own, frame, request, response)
  }

/** The page's context and frame; `own` is the same for who is logged in. */
export async function whoAsks(services: Services, request: Request, response: Response) {
  const found = await createContext(services, request, false, response)
  // A form of another site carries the reader's cookie too: it is nobody's.
  const isOwn = request.method !== 'POST' || isFromOwnPage(request, services.config.publicUrl)
  const reader = isOwn ? found.reader : undefined
  const frame = await frameOf(services, request, reader?.locale)
  const context: ApiContext = { ...found, locale: frame.locale }
  const { readerSession } = context
  const own: OwnContext | undefined = reader && readerSession && { ...context, reader, readerSession }
  return { context, frame, own }
}
