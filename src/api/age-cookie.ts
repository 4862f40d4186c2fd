// Keeps a visitor who was refused for age from trying another date, by page or API. It says nothing about anyone (standards K3).
import type { Request, Response } from 'express'
import type { Config } from '../config'
import { cookieName } from '../privacy/cookies'

const COOKIE = `${cookieName('age', false)}=1; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax`

export const wasRefusedForAge = ({ headers }: Request): boolean =>
  /(^|;\s*)ag=1(;|$)/.test(headers.cookie ?? '')

export function rememberRefusal({ publicUrl }: Config, response: Response): void {
  response.append('Set-Cookie', publicUrl.protocol === 'https:' ? `${COOKIE}; Secure` : COOKIE)
}
