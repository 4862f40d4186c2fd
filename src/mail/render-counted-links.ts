// Links of a newsletter whose presses can be counted: found when it starts, and replaced in the mail of who said yes to that.
// The replaced links are the same for all of these readers: nothing in them says who pressed.

const HREF = /(\shref=")([^"]*)(?=")/g
/** More is no newsletter; the rest stays as it is. */
const MAX_LINKS = 200
const MAX_URL = 2000

/** The web addresses the HTML leads to that are the same for every reader, each once, as they stand there unescaped. */
export function countableLinks(html: string): string[] {
  const urls = [...html.matchAll(HREF)].map(([, , href = '']) => unescaped(href))
  return [...new Set(urls)].filter(isCountable).slice(0, MAX_LINKS)
}

/** Puts in its place what each address is replaced by; the others stay. */
export function withCountedLinks<Content extends { html: string; text: string }>(
  content: Content,
  counted: ReadonlyMap<string, string>,
): Content {
  const html = content.html.replace(HREF, (whole, start: string, href: string) => {
    const link = counted.get(unescaped(href))
    return link ? start + link : whole
  })
  // Whole addresses only: one may be the beginning of another.
  const text = content.text.replace(/https?:\/\/[^\s()<>"]+/gi, url => counted.get(url) ?? url)
  return { ...content, html, text }
}

const unescaped = (href: string): string => href.replaceAll('&amp;', '&')

/** A merge tag makes it one reader's own; what names a person of that host is none of ours to keep. */
function isCountable(url: string): boolean {
  if (!/^https?:\/\//i.test(url) || url.length > MAX_URL || /\{\{|&#?[a-z0-9]+;/i.test(url)) return false
  if (!URL.canParse(url)) return false
  const { username, password } = new URL(url)
  return username === '' && password === ''
}
