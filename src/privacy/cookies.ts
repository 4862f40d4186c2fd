// The registry of cookies: every one the product may ever set, as the page /cookies lists them (standards C2). A response
// with any other does not leave the server (api/registered-cookies.ts).

export interface RegisteredCookie {
  /** Over https with `__Host-` in front, where the cookie belongs to this host alone. */
  name: string
  isHostOnly: boolean
  /** Its life in the browser as a duration of ISO 8601; null ends with the browser. */
  life: string | null
  /** Whose it is. There is nothing of others on our pages. */
  party: 'FIRST'
  /** Only set for what somebody has just asked for (ePrivacy 5(3)); nothing else is set at all. */
  isEssential: true
}

export const cookies = {
  age: { name: 'ag', isHostOnly: false, life: 'P1D', party: 'FIRST', isEssential: true },
  choice: {
    name: 'weinterrupt-choice',
    isHostOnly: true,
    life: 'P6M',
    party: 'FIRST',
    isEssential: true,
  },
  reader: { name: 'weinterrupt-reader', isHostOnly: true, life: 'P14D', party: 'FIRST', isEssential: true },
  staff: { name: 'weinterrupt-staff', isHostOnly: true, life: null, party: 'FIRST', isEssential: true },
} as const satisfies Record<string, RegisteredCookie>

export type CookieKey = keyof typeof cookies

/** Its name in a browser: they take `__Host-` over https only; plain http is allowed on loopback alone. */
export function cookieName(key: CookieKey, isSecure: boolean): string {
  const { name, isHostOnly } = cookies[key]
  return isSecure && isHostOnly ? `__Host-${name}` : name
}

/** Every name that may be in a Set-Cookie of this site. */
export const cookieNames = (isSecure: boolean): string[] =>
  (Object.keys(cookies) as CookieKey[]).map(key => cookieName(key, isSecure))
