// Reads the JSON of a GraphQL request: nothing is unpacked, and only somebody who is logged in may send much.
import express, { type RequestHandler } from 'express'
import { type Services, staffOf } from './context'

const SMALL = 64 * 1024
/** A newsletter in every locale of the site. */
const LARGE = 2 * 1024 * 1024

const parser = (limit: number): RequestHandler => express.json({ limit, inflate: false })
const small = parser(SMALL)
const large = parser(LARGE)

/** Bodies above 64 kB get 413; staff with a valid log-in may send 2 MB. */
export function jsonBody(services: Services, isStaff: boolean): RequestHandler {
  return async (request, response, next) => {
    const length = Number(request.headers['content-length'])
    const mayBeLarge = isStaff && !(length <= SMALL) && (await staffOf(services, request)) !== undefined
    return (mayBeLarge ? large : small)(request, response, next)
  }
}
