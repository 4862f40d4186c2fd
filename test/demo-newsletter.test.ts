import mjml2html from 'mjml'
import {
  demoMjml,
  demoMjmlGerman,
  demoPreheader,
  demoPreheaderGerman,
  demoSubject,
  demoSubjectGerman,
} from '../src/cli/demo-newsletter'
import { demoTopics } from '../src/cli/demo-topics'

describe.each([
  { locale: 'en', mjml: demoMjml, subject: demoSubject, preheader: demoPreheader },
  { locale: 'de', mjml: demoMjmlGerman, subject: demoSubjectGerman, preheader: demoPreheaderGerman },
])('the demo newsletter in $locale', ({ locale, mjml, subject, preheader }) => {
  test('compiles strictly, stays small and loads nothing from anywhere', async () => {
    const { html, errors } = await mjml2html(mjml, { validationLevel: 'strict' })

    expect(errors).toEqual([])
    expect(Buffer.byteLength(html)).toBeLessThan(60_000)
    expect(html).not.toMatch(/<img|<script|<form|<iframe|url\(|data:|fonts\.googleapis/i)
    expect(html).toContain(`<html lang="${locale}"`)
  })

  test('greets by name once, and its preview text is also visible (X6)', () => {
    expect(mjml.match(/\{\{[^}]*\}\}/g)).toEqual([expect.stringMatching(/^\{\{name\|.+\}\}$/)])
    expect(preheader.length).toBeLessThanOrEqual(100)
    expect(subject.length).toBeLessThanOrEqual(60)
    expect(mjml).toContain(preheader)
  })
})

test('every demo topic says what comes and how often in both languages', () => {
  const words = demoTopics.flatMap(topic => Object.values(topic.words).flatMap(one => Object.values(one)))

  expect(demoTopics.map(topic => topic.slug)).toEqual(['weekly', 'jobs', 'field-notes'])
  expect(words.filter(word => word.trim() === '')).toEqual([])
})
