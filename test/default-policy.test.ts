import { loadConfig } from '../src/config'
import { defaultPolicy } from '../src/consent/default-policy'
import { CONSENT_MONTHS } from '../src/consent/projection'
import { CONFIRM_HOURS } from '../src/consent/subscribe'

const config = (env: NodeJS.ProcessEnv = {}) =>
  loadConfig(
    {
      NODE_ENV: 'test',
      DATABASE_URL: 'mysql://u:p@127.0.0.1/x',
      REDIS_URL: 'redis://127.0.0.1',
      SMTP_URL: 'smtp://127.0.0.1',
      SECRET_KEYS: `1:${Buffer.alloc(32, 1).toString('base64')}`,
      ADDRESS_KEY: Buffer.alloc(32, 2).toString('base64'),
      MAIL_FROM: 'news@site.example',
      MAIL_FROM_NOTICES: 'hello@notices.site.example',
      POSTAL_ADDRESS: '1 Example Street, Exampletown',
      STATE_DIR: '/nowhere',
      ...env,
    },
    undefined,
  )

const policyOf = (locale: string, env?: NodeJS.ProcessEnv): string => {
  const facts = config(env)
  const text = defaultPolicy({ ...facts, contact: facts.siteContact }).find(one => one.locale === locale)
  if (!text) throw new Error(locale)
  return text.markdown.replace(/\s+/g, ' ')
}

/** What Art. 13(1) and (2) GDPR ask for, and by which words of the text it is found. */
const articles: Record<string, [en: RegExp, de: RegExp]> = {
  '13(1)(a) the controller': [/is responsible/, /Verantwortlich/],
  '13(1)(a) how to reach them': [/Write to \S+@\S+/, /unter \S+@\S+/],
  '13(1)(c) purposes': [/What we use it for/, /Wofür wir es verwenden/],
  '13(1)(c) the legal basis: consent': [/Art\. 6\(1\)\(a\) GDPR/, /Art\. 6 Abs\. 1 lit\. a DSGVO/],
  '13(1)(c) the legal basis: proof': [
    /Art\. 6\(1\)\(c\), Art\. 7\(1\) GDPR/,
    /lit\. c, Art\. 7 Abs\. 1 DSGVO/,
  ],
  '13(1)(d) the legitimate interests': [
    /legitimate interest .*?\(Art\. 6\(1\)\(f\)/,
    /berechtigtes Interesse \(Art\. 6 Abs\. 1 lit\. f/,
  ],
  '13(1)(e) recipients': [/Who gets it.*\/processors\)/, /Wer es bekommt.*\/processors\)/],
  '13(1)(f) third countries': [/no other country/, /kein anderes Land/],
  '13(2)(a) periods': [/How long we keep it.*\/privacy\/retention\)/, /Wie lange.*\/privacy\/retention\)/],
  '13(2)(b) access': [/see,/, /einsehen/],
  '13(2)(b) rectification': [/correct/, /berichtigen/],
  '13(2)(b) erasure': [/delete your data/, /löschen lassen/],
  '13(2)(b) restriction': [/restrict/, /einschränken/],
  '13(2)(b) objection': [/object to its use/, /widersprechen/],
  '13(2)(b) portability': [/export/, /mitnehmen/],
  '13(2)(c) withdrawal': [
    /take each yes back at any time.*?stays lawful/,
    /jederzeit in einem Schritt widerrufen.*?bleibt rechtmäßig/,
  ],
  '13(2)(d) complaint': [/supervisory authority/, /Aufsichtsbehörde/],
  '13(2)(e) whether it must be given': [
    /Whether you have to tell us anything No\./,
    /Ob Sie uns etwas mitteilen müssen Nein\./,
  ],
  '13(2)(f) automated decisions': [
    /Automated decisions There are none/,
    /Automatische Entscheidungen Es gibt keine/,
  ],
}

/** Which of it a text lacks. */
const missing = (locale: 'en' | 'de', text: string): string[] =>
  Object.entries(articles)
    .filter(([, [en, de]]) => !(locale === 'en' ? en : de).test(text))
    .map(([article]) => article)

describe.each(['en', 'de'] as const)('the first policy of a new site, in %s,', locale => {
  test('has everything Art. 13 GDPR asks for', () => {
    expect(missing(locale, policyOf(locale).replace(/#/g, '').replace(/\s+/g, ' '))).toEqual([])
  })

  test('would be found incomplete without any one of its parts', () => {
    const parts = policyOf(locale).split('## ').slice(1)
    const needed = parts.filter((_, left) => {
      const rest = parts.filter((_part, at) => at !== left).join(' ')
      return missing(locale, rest).length > 0
    })
    expect(needed).toHaveLength(8)
  })

  test('names the site’s own facts', () => {
    const env = {
      SITE_NAME: 'The Gazette',
      SITE_CONTACT: 'privacy@gazette.example',
      SEND_LOG_DAYS: '77',
      NOTICE_DAYS: '33',
      CONSENT_PROOF_YEARS: '5',
      MINIMUM_AGE: '16',
      SMTP_URL: 'smtp://relay.example:587,smtp://relay.example:25,smtp://other.example',
    }
    const text = policyOf(locale, env)
    for (const fact of [
      ...['The Gazette', 'privacy@gazette.example', '1 Example Street, Exampletown'],
      ...['](/cookies', '](/processors'],
      ...['](/privacy/retention', '](/promises'],
      ...[' 77 ', ' 33 ', ' 5 ', ' 16 ', 'relay.example, other.example'],
    ])
      expect(text).toContain(fact)
    expect(text).not.toMatch(/undefined|null|\[object/)
  })

  test('tells the periods the software keeps', () => {
    const text = policyOf(locale)
    expect(text).toContain(` ${CONFIRM_HOURS} `)
    expect(text).toContain(` ${CONSENT_MONTHS} `)
    expect(text).not.toContain('127.0.0.1')
  })
})
