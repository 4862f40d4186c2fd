import { codeMail } from '../src/notices/code-mail'

const hostile = '<script>alert(1)</script>"\'&<img src=x onerror=y>'

describe.each(['en', 'de'])('the mail with a code in %s', locale => {
  const compose = (change: object = {}) =>
    codeMail({
      locale,
      siteName: 'We Interrupt',
      code: '012345',
      loginUrl: 'https://news.example.org/l/abc',
      minutes: 30,
      postalAddress: 'Kettle Lane 9\n10999 Berlin',
      contact: 'hello@example.org',
      ...change,
    })

  test('has the same code, link and words in HTML and text', () => {
    const { html, text } = compose()

    expect([...html.matchAll(/href="([^"]+)"/g)].map(match => match[1])).toEqual(text.match(/https?:\S+/g))
    for (const words of ['012345', '30', 'Kettle Lane 9, 10999 Berlin', 'hello@example.org'])
      for (const part of [html, text]) expect(part).toContain(words)
  })

  test('has no image, script or form, the same bytes every time, and no code in the subject', () => {
    expect(compose().html).not.toMatch(/<img|<script|<form|<iframe|url\(|@import|data:/i)
    expect(compose()).toEqual(compose())
    expect(compose().subject).not.toMatch(/\d/)
  })

  test('of a proof has no link, and shows a hostile site name as text', () => {
    const { html, text } = compose({ loginUrl: undefined, siteName: hostile })

    expect(`${html}${text}`).not.toContain('http')
    expect(html).not.toMatch(/<script|<img/)
    expect(text).toContain('012345')
  })
})
