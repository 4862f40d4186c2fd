// Every HTTP door with its methods and access rule, in one list. What is not in it does not exist.
import type { Request, Response } from 'express'
import type { AccessRule } from './access'
import { confirmDoor, denyDoor } from './confirm.door'
import type { Services } from './context'
import { alive, ready } from './health.door'
import { privacyPageDoor } from './privacy.door'
import { stylesheet } from './stylesheet.door'
import { subscribeForm, subscribeSubmit } from './subscribe.door'
import { unsubscribeForm, unsubscribeSubmit } from './unsubscribe.door'

/** Answers one method of a door; what it throws becomes a plain 500 or 503. */
export type DoorHandler = (services: Services, request: Request, response: Response) => Promise<void> | void

export interface Door {
  path: string
  access: AccessRule
  GET?: DoorHandler
  POST?: DoorHandler
}

export const doors: readonly Door[] = [
  {
    path: '/',
    access: 'ANYONE',
    GET: (_services, _request, response) => response.redirect(303, '/subscribe'),
  },
  { path: '/subscribe', access: 'ANYONE', GET: subscribeForm, POST: subscribeSubmit },
  { path: '/c/:token', access: 'TOKEN', GET: confirmDoor.form, POST: confirmDoor.submit },
  { path: '/c/:token/deny', access: 'TOKEN', POST: denyDoor },
  { path: '/u/:token', access: 'TOKEN', GET: unsubscribeForm, POST: unsubscribeSubmit },
  { path: '/privacy', access: 'ANYONE', GET: privacyPageDoor },
  { path: '/privacy/:version', access: 'ANYONE', GET: privacyPageDoor },
  { path: '/assets/pages.css', access: 'ANYONE', GET: stylesheet },
  // Browsers ask for it on their own; there is none.
  {
    path: '/favicon.ico',
    access: 'ANYONE',
    GET: (_services, _request, response) => void response.status(204).end(),
  },
  { path: '/healthz', access: 'ANYONE', GET: alive },
  { path: '/readyz', access: 'ANYONE', GET: ready },
]

/** The methods of a door, for `Allow`. */
export const methodsOf = (door: Door): string[] => [
  ...(door.GET ? ['GET', 'HEAD'] : []),
  ...(door.POST ? ['POST'] : []),
]
