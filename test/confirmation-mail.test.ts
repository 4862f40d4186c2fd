import { confirmationMail } from '../src/notices/confirmation-mail'

const locales = ['en', 'de']
const hostile = '<script>alert(1)</script>"\'&<img src=x onerror=y>'

describe.each(locales)('the confirmation mail in %s', locale => {
  const compose = (change: object = {}) =>
    confirmationMail({
      locale,
      siteName: 'We Interrupt',
      topics: [
        { title: 'Weekly', cadence: 'Tuesdays' },
        { title: 'Jobs', cadence: null },
      ],
      otherPurposes: ['Personalise'],
      askedAt: new Date('2025-11-03T09:00:00Z'),
      confirmUrl: 'https://news.example.org/c/abc',
      denyUrl: 'https://news.example.org/c/abc',
      expiresHours: 72,
      postalAddress: 'Kettle Lane 9\n10999 Berlin',
      contact: 'hello@example.org',
      ...change,
    })

  test('contains nothing the visitor typed', () => {
    const typed = { name: 'Win http://x.y', email: 'victim@example.org', values: { name: 'Win http://x.y' } }

    expect(compose(typed)).toEqual(compose())
  })

  test('has the same words and links in HTML and text', () => {
    const { html, text } = compose()
    const linksInHtml = new Set([...html.matchAll(/href="([^"]+)"/g)].map(match => match[1]))

    expect(linksInHtml).toEqual(new Set(text.match(/https?:\S+/g)))
    for (const words of [
      'Weekly',
      'Tuesdays',
      'Jobs',
      'Personalise',
      '72',
      'Kettle Lane 9, 10999 Berlin',
      'hello@',
    ])
      expect([html, text].every(part => part.includes(words))).toBe(true)
  })

  test('has no image, script, form or tracker, and the same input gives the same bytes', () => {
    expect(compose().html).not.toMatch(/<img|<script|<form|<iframe|url\(|@import|data:/i)
    expect(compose()).toEqual(compose())
  })

  test('shows hostile titles as text and keeps the subject short', () => {
    const many = Array.from({ length: 30 }, () => ({ title: hostile, cadence: hostile }))
    const { subject, html } = compose({ topics: many })

    expect(html).not.toMatch(/<script|<img/)
    expect(subject.length).toBeLessThanOrEqual(120)
    expect(subject).toContain('30')
  })
})

test('the subject names the topics and the site', () => {
  const mail = { ...signUpMail(), topics: ['Weekly', 'Jobs'].map(title => ({ title, cadence: null })) }

  expect(confirmationMail({ ...mail, locale: 'en' }).subject).toBe(
    'Confirm: Weekly and Jobs from We Interrupt',
  )
  expect(confirmationMail({ ...mail, locale: 'de' }).subject).toBe(
    'Bitte bestätigen: Weekly und Jobs von We Interrupt',
  )
})

function signUpMail() {
  const url = 'https://news.example.org/c/abc'
  return {
    siteName: 'We Interrupt',
    otherPurposes: [],
    askedAt: new Date(0),
    confirmUrl: url,
    denyUrl: url,
    expiresHours: 72 as const,
    postalAddress: 'Kettle Lane 9',
    contact: 'hello@example.org',
  }
}
