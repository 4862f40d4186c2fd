// What a door is: a path, who may use it, and what answers each method.
import type { Request, Response } from 'express'
import type { AccessRule } from './access'
import type { Services } from './context'

/** Answers one method of a door; what it throws becomes a plain 500 or 503. */
export type DoorHandler = (services: Services, request: Request, response: Response) => Promise<void> | void

export interface Door {
  path: string
  access: AccessRule
  /** Its POST only ever reduces what somebody gets: it has database connections of its own, and is never counted or turned away. */
  isWithdrawal?: true
  /** Its PUT takes files: of any length, for as long as something comes. */
  isUpload?: true
  GET?: DoorHandler
  POST?: DoorHandler
  PUT?: DoorHandler
}

/** The methods of a door, for `Allow`. */
export const methodsOf = (door: Door): string[] => [
  ...(door.GET ? ['GET', 'HEAD'] : []),
  ...(door.POST ? ['POST'] : []),
  ...(door.PUT ? ['PUT'] : []),
]
