import { agePage } from '../src/api/pages/age-page'
import { refusedPage, signUpPage } from '../src/api/pages/subscribe-page'
import { unsubscribedPage, unsubscribePage } from '../src/api/pages/unsubscribe-page'
import { externalLinks } from '../src/mail/mark-links'
import { ageProps, allPages, frame, link, signUpProps } from './support/reader-pages'

const hostile = '<script>alert(1)</script>"\'&<img src=x onerror=y>'
const locales = ['en', 'de']

describe.each(locales)('reader pages in %s', locale => {
  const pages = Object.entries(allPages(locale))
  const hostilePages = Object.entries(allPages(locale, hostile))

  test.each(pages)('%s is a whole document with one heading, a language and a title', (_, html) => {
    expect(html).toMatch(new RegExp(`^<!doctype html>\\n<html lang="${locale}" dir="ltr">`))
    expect(html.match(/<h1/g)).toHaveLength(1)
    expect(html).toMatch(/<title>[^<]+<\/title>/)
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1"/>')
  })

  test.each(pages)(
    '%s contains no script, no inline style and no third-party URL but marked links',
    (_, html) => {
      expect(html).not.toMatch(/<script|<style|\sstyle=|\son\w+=|<img|<iframe|javascript:|data:/i)
      const marks = { ownHosts: [], locale }
      expect(externalLinks(html, marks).filter(({ isMarked }) => !isMarked)).toEqual([])
      const own = html.replaceAll(/<a href="https:[^"]*" rel="nofollow noopener noreferrer">/g, '')
      expect(own).not.toMatch(/(?:src|href|action)="(?!\/(?!\/)|#)/)
      expect(html.match(/<link /g)).toHaveLength(1)
    },
  )

  test.each(hostilePages)('%s shows hostile names as text', (_, html) => {
    expect(html).not.toMatch(/<script|<img/)
    expect(html).not.toMatch(/="[^"]*<script/)
    expect(attributesOf(html).filter(name => name.startsWith('on'))).toEqual([])
  })

  test('pages reached by a token or a form stay out of search engines', () => {
    const open = pages.filter(([, html]) => !html.includes('<meta name="robots" content="noindex"/>'))

    expect(open.map(([name]) => name)).toEqual([
      'age',
      'cookies',
      'cookiesSignalled',
      'statistics',
      'promises',
      'processors',
      'retention',
      'privacy',
    ])
  })
})

describe('the age step', () => {
  test.each(locales)('comes before any other field and names no limit (%s)', locale => {
    const html = agePage(ageProps(locale))

    expect(namesIn(html)).toEqual(['step', 'locale', 'birthMonth', 'birthYear'])
    expect(html).not.toMatch(/\b1[2-8]\b|checkbox|\bmin=|\bmax=|<select/)
    expect(html).toContain('autocomplete="bday-month"')
    expect(html).toContain('autocomplete="bday-year"')
    expect(html).not.toMatch(/\d{4}/)
  })

  test('a refusal says no reason', () => {
    const html = refusedPage(frame('en'))

    expect(html).toContain('Thanks, we can’t sign you up.')
    expect(html).not.toMatch(/\b1[2-8]\b|age\b|old\b|young|birth|child|<form/i)
  })
})

describe('the sign-up form', () => {
  test('no box is ticked when it opens, and each has its purpose and version', () => {
    const html = signUpPage(signUpProps('en'))

    expect(html.match(/type="checkbox"/g)).toHaveLength(2)
    expect(html).not.toMatch(/\schecked/)
    expect(html).toMatch(/name="purpose:topic:weekly" value="3"/)
    expect(html).toMatch(/name="purpose:personalisation" value="1"/)
  })

  test('the policy is a link with version and date, not a box', () => {
    const html = signUpPage(signUpProps('en'))

    expect(html).toContain('<a href="/privacy/3">privacy policy</a> (version 3, 1 October 2025)')
    expect(namesIn(html)).toEqual([
      'step',
      'agePass',
      'policyVersion',
      'formId',
      'locale',
      'shown:topic:weekly',
      'purpose:topic:weekly',
      'shown:personalisation',
      'purpose:personalisation',
      'email',
      'name',
      // Which people do not see: who fills it in is a program.
      'remark',
    ])
  })

  test('shown again it keeps what was typed and ticked, and each error is linked to its field', () => {
    const errors = [{ field: 'email', message: 'Wrong.' }]
    const values = { email: 'x@', name: 'Ada', purposes: ['topic:weekly'] }
    const html = signUpPage({ ...signUpProps('en'), errors, values })

    expect(html.match(/\schecked/g)).toHaveLength(1)
    expect(html).toContain('value="Ada"')
    expect(html).toContain('<a href="#field-email">Wrong.</a>')
    expect(html).toMatch(
      /id="field-email"[^>]*aria-invalid="true" aria-describedby="field-email-hint field-email-error"/,
    )
    expect(html).toContain('<p class="field-error" id="field-email-error">Wrong.</p>')
    expect(html).toMatch(/<title>Error: /)
  })
})

describe('confirm and unsubscribe', () => {
  test('forms post to the page’s own address and nowhere else', () => {
    const { confirm = '', unsubscribe = '' } = allPages('en')

    expect(formsIn(confirm)).toEqual(['post /c/tOkEn-1', 'post /c/tOkEn-1/deny'])
    expect(formsIn(unsubscribe)).toEqual(['post /u/tOkEn-1', 'post /u/tOkEn-1'])
    expect(namesIn(confirm)).toEqual([])
    expect(namesIn(unsubscribe)).toEqual(['scope'])
  })

  test('a token cannot leave its place in the address', () => {
    const html = unsubscribePage({
      preferencesToken: null,
      ...frame('en'),
      topic: 'Weekly',
      maskedEmail: 'm•••@x',
      token: '../"?a=/c',
    })

    expect(formsIn(html)[0]).toBe('post /u/..%2F%22%3Fa%3D%2Fc')
  })

  test('one already on its way is mentioned only when there is one', () => {
    const props = { ...frame('en'), ...link, topic: 'Weekly', scope: 'topic' as const }

    expect(unsubscribedPage({ ...props, alreadyPassed: 0 })).not.toContain('may still arrive')
    expect(unsubscribedPage({ ...props, alreadyPassed: 1 })).toContain(
      'One already on its way may still arrive.',
    )
  })

  test('when everything is stopped nothing more is offered to stop', () => {
    const html = unsubscribedPage({
      ...frame('en'),
      ...link,
      topic: 'Weekly',
      scope: 'all',
      alreadyPassed: 0,
    })

    expect(html).toContain('You will get nothing more from We Interrupt.')
    expect(formsIn(html)).toEqual([])
  })
})

function namesIn(html: string): string[] {
  return [...html.matchAll(/<(?:input|select|textarea)[^>]*\sname="([^"]+)"/g)].map(match => match[1] ?? '')
}

function formsIn(html: string): string[] {
  return [...html.matchAll(/<form method="(\w+)" action="([^"]+)"/g)].map(match => `${match[1]} ${match[2]}`)
}

function attributesOf(html: string): string[] {
  const tags = html.match(/<[a-z][^\s>]*(?:\s+[\w:-]+(?:="[^"]*")?)*\s*\/?>/gi) ?? []
  return tags.flatMap(tag => [...tag.matchAll(/\s([\w:-]+)(?:="[^"]*")?/g)].map(match => match[1] ?? ''))
}
