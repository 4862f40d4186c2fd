// RFC 2606 §2 and §3: names that can never belong to anybody.
const RESERVED = /(^|\.)(example(\.(com|net|org))?|invalid|test)$/

/** Whether nobody can receive mail at the domain, whatever the DNS says. */
export const isReservedDomain = (domain: string): boolean => RESERVED.test(domain.toLowerCase())
