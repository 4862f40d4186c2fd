import { encodeBody, fillBody, prepareBody } from '../src/mail/body'
import { type NewsletterSource, renderNewsletter } from '../src/mail/render'

const footer = {
  unsubscribe: 'Unsubscribe & leave',
  preferences: 'Less & later',
  postalAddress: 'We Interrupt, 1 Example Street, 12345 Example Town',
  reason: 'You subscribed to Science.',
  siteName: 'We Interrupt',
}
const mjml = (content: string, head = '') => `<mjml>
  ${head}
  <mj-body>
    <mj-section><mj-column>
      ${content}
    </mj-column></mj-section>
  </mj-body>
</mjml>`
const source = (template: string, changes: Partial<NewsletterSource> = {}): NewsletterSource => ({
  mjml: template,
  text: '',
  textIsGenerated: true,
  subject: 'Hello {{name|you}}',
  preheader: 'What is new',
  locale: 'de',
  footer,
  ownHosts: ['example.org'],
  ...changes,
})
const withText = (content: string) => renderNewsletter(source(mjml(`<mj-text>${content}</mj-text>`)))

// The longest time the event loop did not turn while the work went on.
async function measureBlocking<T>(work: () => Promise<T>): Promise<{ result: T; blockedMs: number }> {
  let last = performance.now()
  let blockedMs = 0
  const tick = () => {
    blockedMs = Math.max(blockedMs, performance.now() - last)
    last = performance.now()
  }
  const timer = setInterval(tick, 5)
  const result = await work()
  tick()
  clearInterval(timer)
  return { result, blockedMs }
}

test('a newsletter becomes HTML and text with preheader, language, title and footer', async () => {
  const template = mjml(
    '<mj-text><h1>Good news</h1><p>Dear {{name|reader}}, read <a href="https://example.org/a?b=1&amp;c=2">this</a>.</p></mj-text>' +
      '<mj-image src="https://example.org/a.png" alt="A picture" /><mj-button href="https://example.org/go">Go</mj-button>',
  )

  const rendered = await renderNewsletter(source(template))

  expect(rendered.issues).toEqual([])
  expect(rendered.unknownTags).toEqual([])
  expect(rendered.html).toMatch(/<html lang="de"/)
  expect(rendered.html).toContain('<title>Hello {{name|you}}</title>')
  expect(rendered.html).toMatch(/display:none[^>]*>What is new</)
  expect(rendered.html).toContain('<a href="{{unsubscribe_url}}"')
  expect(rendered.html).toContain('Unsubscribe &amp; leave')
  expect(rendered.html).toContain(footer.postalAddress)
  expect(rendered.html).not.toContain('fonts.googleapis')
  expect(rendered.htmlBytes).toBe(Buffer.byteLength(rendered.html))
  expect(rendered.text).toBe(`Good news

Dear {{name|reader}}, read this (https://example.org/a?b=1&c=2).

Go (https://example.org/go)

————————————————
You subscribed to Science.
Unsubscribe & leave: {{unsubscribe_url}}
Less & later: {{preferences_url}}
We Interrupt · We Interrupt, 1 Example Street, 12345 Example Town
`)
})

test("the author's own text part is kept and gets the footer", async () => {
  const rendered = await renderNewsletter(
    source(mjml('<mj-text>Hi</mj-text>'), { text: 'My own text for {{name}}\n', textIsGenerated: false }),
  )

  expect(rendered.text).toMatch(
    /^My own text for \{\{name\}\}\n\n—+\nYou subscribed to Science\.\n.*\{\{unsubscribe_url\}\}\n/,
  )
})

test('a preheader and a language in the template are kept', async () => {
  const template = mjml('<mj-text>Hi</mj-text>', '<mj-head><mj-preview>Mine</mj-preview></mj-head>').replace(
    '<mjml>',
    '<mjml lang="fr">',
  )

  const { html, issues } = await renderNewsletter(source(template))

  expect(issues).toEqual([])
  expect(html).toContain('Mine')
  expect(html).not.toContain('What is new')
  expect(html).toMatch(/<html lang="fr"/)
})

test('the same input gives the same bytes, also for parts that MJML names at random', async () => {
  const template = mjml(
    '<mj-navbar hamburger="hamburger"><mj-navbar-link href="https://example.org/">A</mj-navbar-link></mj-navbar>',
  )

  const [one, other] = [await renderNewsletter(source(template)), await renderNewsletter(source(template))]

  expect(one.issues).toEqual([])
  expect(other.html).toBe(one.html)
})

test('a template that does not compile names the line, the element and the problem', async () => {
  const unknownAttribute = await renderNewsletter(
    source('<mjml>\n<mj-body>\n<mj-section colour="red"></mj-section></mj-body></mjml>'),
  )
  const unknownElement = await renderNewsletter(
    source('<mjml><mj-body>\n\n\n<mj-foo></mj-foo></mj-body></mjml>'),
  )

  expect(unknownAttribute.issues).toEqual([
    { line: 3, tag: 'mj-section', message: 'Attribute colour is illegal' },
  ])
  expect(unknownElement.issues).toMatchObject([{ line: 4, tag: 'mj-foo' }])
  expect(unknownAttribute.html).toBe('')
})

test.each([
  ['nothing', '', undefined],
  ['plain text', 'hello', undefined],
  ['no body', '<mjml></mjml>', undefined],
  [
    'an element that is not closed',
    '<mjml><mj-body>\n<mj-section><mj-column><mj-text>Hi</mj-column></mj-section></mj-body></mjml>',
    2,
  ],
  ['an element that closes nothing', '<mjml><mj-body></mj-text></mj-body></mjml>', 1],
  [
    'a tag without an end',
    '<mjml><mj-body>\n\n<mj-section <mj-column></mj-column></mj-section></mj-body></mjml>',
    3,
  ],
  ['a document cut off', '<mjml>\n<mj-body>\n<mj-section>', 3],
  ['a comment that is not closed', '<mjml>\n<mj-body><!-- </mj-body></mjml>', 2],
])('%s is an issue with its line', async (_, template, line) => {
  const { issues, html } = await renderNewsletter(source(template))

  expect(issues).toHaveLength(1)
  expect(issues[0]?.line).toBe(line)
  expect(html).toBe('')
})

test('mj-include is refused, with its line, and no file is read', async () => {
  const { issues, html } = await renderNewsletter(source(mjml('<mj-include path="/etc/passwd" />')))

  expect(issues).toMatchObject([{ line: 5, tag: 'mj-include' }])
  expect(html).not.toContain('root:')
})

test.each([
  ['a script', '<script>alert(1)</script>'],
  ['a script for Outlook', '<!--[if mso]><script>alert(1)</script><![endif]-->'],
  ['an event handler', '<img src="https://example.org/a.png" alt="" onerror="alert(1)">'],
  ['a javascript: link', '<a href="javascript:alert(1)">x</a>'],
  ['a hidden javascript: link', '<a href=" java&#10;script&colon;alert(1)">x</a>'],
  ['a data: picture', '<img alt="" src="data:image/png;base64,AAAA">'],
  ['a data: picture in a style', '<p style="background:url(\'data:image/png;base64,AA\')">x</p>'],
  ['a form', '<form action="https://example.org"><input name="a"></form>'],
  ['a text field', '<input type="text">'],
  ['an iframe', '<iframe src="https://example.org"></iframe>'],
  ['a refresh', '<meta http-equiv="refresh" content="0;url=https://example.org">'],
  ['a style sheet of another site', '<base href="https://example.org">'],
])('%s is an issue', async (_, content) => {
  const { issues } = await withText(content)

  expect(issues).not.toEqual([])
})

test.each([
  ['a tag in a style', '<p style="color:{{name}}">x</p>'],
  ['a tag in an unquoted attribute', '<a href={{unsubscribe_url}}>x</a>'],
  ['a tag as an element name', '<{{name}}>x'],
])('%s is an issue, because no escaping makes it safe', async (_, content) => {
  const { issues } = await withText(content)

  expect(issues.map(({ message }) => message).join()).toMatch(/may stand in text/)
})

test.each([
  ['a comment', '<mjml><mj-body><mj-section></mj-section></mj-body><!-- </mj-body> --></mjml>'],
  [
    'another part of the document',
    '<mjml><mj-body></mj-body><mj-head><mj-raw></mj-body></mj-raw></mj-head></mjml>',
  ],
  ['a raw style', '<mjml><mj-body><mj-raw><style></mj-raw><mj-section></mj-section></mj-body></mjml>'],
  ['a raw comment', '<mjml><mj-body><mj-raw><!--></mj-raw><mj-section></mj-section></mj-body></mjml>'],
  ['a fake of itself', mjml('<mj-text><div data-footer="x"></div></mj-text>')],
])('the footer cannot be moved into %s without an issue', async (_, template) => {
  const { issues, html } = await renderNewsletter(source(template))

  const visible = html.replace(/<!--[\s\S]*?-->/g, '').replace(/<style[\s\S]*?<\/style>/g, '')
  expect(issues.length > 0 || visible.includes('<a href="{{unsubscribe_url}}"')).toBe(true)
})

test('unknown tags are reported once each, sorted, and stay as they were written', async () => {
  const rendered = await renderNewsletter(
    source(
      mjml('<mj-text>{{ FirstName }} {{Company|us}} {{Company}} {{#if x}} {{name}} {{user.name}}</mj-text>'),
      { subject: 'Hi {{Zed}}' },
    ),
  )

  expect(rendered.unknownTags).toEqual(['#if x', 'Company', 'FirstName', 'Zed', 'user.name'])
  expect(rendered.html).toContain('{{Company|us}}')
})

test('a name that is markup is shown as text, and a fallback is markup as its author wrote it', async () => {
  const { html, text, issues } = await withText(
    'Dear {{name|<b>reader</b>}} <a title="{{name}}" href="https://example.org">x</a>',
  )
  const fill = (name: string) =>
    fillBody(prepareBody(encodeBody({ html, text }), {}), {
      unsubscribe_url: 'https://example.org/u/x',
      preferences_url: 'https://example.org/p/x',
      name,
    })
      .join('')
      .replace(/=\r\n/g, '')
      .replaceAll('=20', ' ')

  expect(issues).toEqual([])
  expect(fill('<b>"Bob"</b>')).toContain('Dear &lt;b&gt;&quot;Bob&quot;&lt;/b&gt; <a title=3D"&lt;b&gt;')
  expect(fill('')).toContain('Dear <b>reader</b>')
})

test('external fonts, http links and a name in a link are warnings, not issues', async () => {
  const head = '<mj-head><mj-font name="Raleway" href="https://fonts.example/css?family=Raleway" /></mj-head>'
  const text = '<mj-text font-family="Raleway"><a href="http://example.org/{{name}}">x</a></mj-text>'

  const { html, issues, warnings } = await renderNewsletter(source(mjml(text, head)))

  expect(issues).toEqual([])
  expect(warnings).toHaveLength(3)
  expect(html).not.toContain('fonts.example')
})

test('90,000 bytes of HTML are a warning, 100,000 an issue', async () => {
  const large = await withText('a'.repeat(88_000))
  const tooLarge = await withText('a'.repeat(98_000))

  expect(large).toMatchObject({ issues: [], warnings: [{ message: expect.stringContaining('bytes') }] })
  expect(tooLarge.issues).toMatchObject([{ message: expect.stringContaining('100000') }])
})

test.each([
  ['an empty subject', { subject: ' ' }],
  ['a subject with a line break', { subject: 'a\r\nBcc: b@example.org' }],
  ['a subject of 201 characters', { subject: 'a'.repeat(201) }],
  ['the unsubscribe link in the subject', { subject: '{{unsubscribe_url}}' }],
])('%s is an issue', async (_, changes) => {
  const { issues } = await renderNewsletter(source(mjml('<mj-text>Hi</mj-text>'), changes))

  expect(issues).toHaveLength(1)
})

const section =
  '<mj-section><mj-column><mj-text><p class="a"><b><i>x</i></b></p></mj-text></mj-column></mj-section>'
test.each([
  ['more than 200 kB', mjml(`<mj-text>${'a'.repeat(200_000)}</mj-text>`)],
  ['sections without end', `<mjml><mj-body>${section.repeat(1_800)}</mj-body></mjml>`],
  [
    'inline styles for every element',
    `<mjml><mj-head><mj-style inline="inline">${'.a b i{color:red}'.repeat(4_000)}</mj-style></mj-head><mj-body>${section.repeat(1_200)}</mj-body></mjml>`,
  ],
  [
    'elements inside each other',
    `<mjml><mj-body>${'<mj-wrapper>'.repeat(6_000)}${'</mj-wrapper>'.repeat(6_000)}</mj-body></mjml>`,
  ],
  ['open brackets', mjml(`<mj-text>${'<'.repeat(150_000)}</mj-text>`)],
  ['open comments', mjml(`<mj-text>${'<!--'.repeat(45_000)}</mj-text>`)],
  ['open attributes', mjml(`<mj-text>${'<a b="'.repeat(30_000)}</mj-text>`)],
  ['open links', mjml(`<mj-text>${'<link '.repeat(30_000)}</mj-text>`)],
])('a bomb made of %s is an issue within seconds and does not hold up the process', async (_, bomb) => {
  const { result, blockedMs } = await measureBlocking(() => renderNewsletter(source(bomb)))
  const after = await withText('Still works')

  expect(result.issues).not.toEqual([])
  expect(blockedMs).toBeLessThan(1_000)
  expect(after.issues).toEqual([])
})
