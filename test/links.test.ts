import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, BlockList, isIPv4 } from 'node:net'
import fc from 'fast-check'
import { loadConfig } from '../src/config'
import { LinkCheckResult } from '../src/entities/directory-link'
import { createLog } from '../src/log'
import { externalAddresses, externalLinks, MAIL_MARK, markLinks, markText } from '../src/mail/mark-links'
import { renderNewsletter } from '../src/mail/render'
import { checkLinks } from '../src/privacy/check-links'
import { directoryUrl } from '../src/privacy/directory-url'
import { checkAddress, type FetchRules, publicWeb } from '../src/privacy/fetch-safely'
import { MAX_A_DAY } from '../src/privacy/link-feedback'
import { isPublicAddress } from '../src/privacy/may-fetch'
import { startWorkers } from '../src/worker/workers'
import { makeNewsletter, makeReader, makeStaff, makeTopic, type Staff, scheduleNow } from './support/actors'
import { type AnyData, graphql, ok } from './support/api'
import { until, untilStatus } from './support/checker'
import { linkInput, listLink, PROPOSE, propose, review, say } from './support/directory'
import { everythingStored, expectNoChange } from './support/dump'
import { waitForMail } from './support/mail'
import { startMoreApi } from './support/more-api'
import { plantRow } from './support/plant-row'
import { draftBoth, publish } from './support/policies'
import { type Product, startProduct, sweeps } from './support/product'
import { visit } from './support/visiting'

let product: Product
let author: Staff
let first: Staff
let second: Staff

beforeAll(async () => {
  product = await startProduct({ worker: false })
  author = await makeStaff(product, 'AUTHOR')
  first = await makeStaff(product, 'ADMIN')
  second = await makeStaff(product, 'ADMIN')
})
afterAll(() => product?.stop())

const manager = () => product.connections.db.manager
const codesOf = ({ userErrors }: AnyData): AnyData[] => userErrors
const seenBy = async (token?: string, args = ''): Promise<AnyData[]> =>
  (await ok(product, `{ directoryLinks(first: 100${args}) { nodes { id url status } } }`, {}, { token }))
    .directoryLinks.nodes
const isSeen = async (id: string, token?: string) => (await seenBy(token)).some(one => one.id === id)
const feedbackPath = (id: string) => `/links/${id}/feedback`

describe('a proposal', () => {
  test.each<[string, AnyData, string, string]>([
    ['without a title', { title: ' ' }, 'REQUIRED', 'title'],
    ['with too long a title', { title: 'x'.repeat(101) }, 'TOO_LONG', 'title'],
    ['whose title turns what follows around', { title: 'safe \u202eelpmaxe' }, 'INVALID', 'title'],
    ['without a description', { description: '' }, 'REQUIRED', 'description'],
    ['with too long a description', { description: 'x'.repeat(501) }, 'TOO_LONG', 'description'],
    ['with two lines for a category', { category: 'a\nb' }, 'INVALID', 'category'],
    ['without a category', { category: '' }, 'REQUIRED', 'category'],
    ['without an address', { url: '' }, 'REQUIRED', 'url'],
    ['with too long an address', { url: `https://a.example/${'x'.repeat(500)}` }, 'TOO_LONG', 'url'],
    ['that is no address', { url: 'library' }, 'INVALID', 'url'],
    ['that is code', { url: 'javascript:alert(1)' }, 'INVALID', 'url'],
    ['that is data', { url: 'data:text/html,x' }, 'INVALID', 'url'],
    ['of a file', { url: 'file:///etc/passwd' }, 'INVALID', 'url'],
    ['with a password in it', { url: 'https://a:b@library.example/' }, 'INVALID', 'url'],
    ['with somebody’s name in it', { url: 'https://site.example@library.example/' }, 'INVALID', 'url'],
    ['on another port', { url: 'https://library.example:8443/' }, 'INVALID', 'url'],
    ['of this machine', { url: 'http://localhost/' }, 'INVALID', 'url'],
    ['of a number', { url: 'http://192.0.2.7/' }, 'INVALID', 'url'],
    ['of a number in another notation', { url: 'http://0x7f.1/' }, 'INVALID', 'url'],
    ['of an IPv6 number', { url: 'http://[::ffff:127.0.0.1]/' }, 'INVALID', 'url'],
    ['of the site itself', { url: 'https://site.example/story' }, 'INVALID', 'url'],
    ['of the site itself, with a dot behind', { url: 'https://SITE.example./story' }, 'INVALID', 'url'],
  ])('%s is refused, and nothing is written', async (_, change, code, field) => {
    await expectNoChange(product, async () => {
      const { link, userErrors } = await propose(product, author, change)
      expect([link, userErrors]).toEqual([null, [{ code, field: ['input', field] }]])
    })
  })

  test('that belongs to a third party nobody knows, or has fields there are none of, is refused', async () => {
    await expectNoChange(product, async () => {
      for (const [change, code] of [
        [{ processorId: randomUUID() }, 'NOT_FOUND'],
        [{ processorId: 'x' }, 'NOT_FOUND'],
        [{ status: 'LISTED' }, 'BAD_USER_INPUT'],
        [{ title: null }, 'BAD_USER_INPUT'],
      ] as const) {
        const answer = await graphql(product, PROPOSE, { input: linkInput(change) }, { token: author.token })
        expect(answer.errors?.[0]?.extensions.code).toBe(code)
      }
    })
  })

  test('is for staff alone', async () => {
    await expectNoChange(product, async () => {
      const { errors } = await graphql(product, PROPOSE, { input: linkInput() }, { staff: true })
      expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
      const own = await graphql(product, PROPOSE, { input: linkInput() })
      expect(own.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
    })
  })

  test('is seen by staff alone, with its host as it is and not as it looks', async () => {
    // The third letter is Cyrillic.
    const { link } = await propose(product, author, { url: 'https://ex\u0430mple.example/a' })
    expect(link).toMatchObject({
      status: 'PROPOSED',
      url: 'https://xn--exmple-4nf.example/a',
      reviewedBy: null,
    })
    expect(link.proposedBy).toBe('An AUTHOR')
    expect(await isSeen(link.id, author.token)).toBe(true)
    expect(await isSeen(link.id)).toBe(false)
    expect(await seenBy(undefined, ', status: PROPOSED')).toEqual([])
    expect((await visit(product, '/links')).html).not.toContain('xn--exmple')
  })

  test('of a link that is there already is refused, however it is written', async () => {
    const { link } = await propose(product, author, { url: 'https://twice.example/a' })
    expect(link.status).toBe('PROPOSED')
    await expectNoChange(product, async () => {
      for (const url of [
        'https://twice.example/a',
        'HTTPS://TWICE.example:443/b/../a',
        ' https://twice.example/a',
      ])
        expect(codesOf(await propose(product, first, { url }))).toEqual([
          { code: 'INVALID_STATE', field: ['input', 'url'] },
        ])
    })
  })

  test('twice at the same time is there once', async () => {
    const url = 'https://at-once.example/'
    const answers = await Promise.all([1, 2, 3].map(() => propose(product, author, { url })))
    expect(answers.filter(({ link }) => link)).toHaveLength(1)
  })
})

describe('a review', () => {
  test('by who proposed it is refused while there is another admin, and nothing is written', async () => {
    const { link } = await propose(product, first)
    await expectNoChange(product, async () => {
      expect(codesOf(await review(product, first, link.id, 'LISTED'))).toEqual([
        { code: 'APPROVAL_REQUIRED', field: ['status'] },
      ])
    })
  })

  test('by another admin puts it into the directory, for everybody, and both steps are in the audit log', async () => {
    const { link } = await propose(product, first, { title: 'Two people' })
    const reviewed = await review(product, second, link.id, 'LISTED', 'looked at, a@b.example')
    expect(reviewed.link).toMatchObject({ status: 'LISTED', proposedBy: 'An ADMIN', reviewedBy: 'An ADMIN' })
    expect(await isSeen(link.id)).toBe(true)
    const { auditEvents } = await ok(
      product,
      '{ auditEvents(first: 20) { nodes { action target reason } } }',
      {},
      { token: first.token },
    )
    const acts = auditEvents.nodes.filter((one: AnyData) => one.target === link.id)
    expect(acts.map((one: AnyData) => one.action)).toEqual(['link.review', 'link.propose'])
    expect(acts[0].reason).toMatch(/^LISTED; looked at, /)
    expect(acts[0].reason).not.toContain('a@b.example')
  })

  test('is for admins; of what nobody knows, with a state it has or cannot have, or too long a note it is refused', async () => {
    const link = await listLink(product, [first, second])
    const query = `mutation ($id: ID!, $status: LinkStatus!) { directoryLinkReview(id: $id, status: $status) { userErrors { code } } }`
    await expectNoChange(product, async () => {
      for (const [staff, id, status, code] of [
        [author, link.id, 'DELISTED', 'FORBIDDEN'],
        [first, randomUUID(), 'LISTED', 'NOT_FOUND'],
        [first, 'x', 'LISTED', 'NOT_FOUND'],
        [first, link.id, 'GONE', 'BAD_USER_INPUT'],
      ] as const) {
        const { errors } = await graphql(product, query, { id, status }, { token: staff.token })
        expect(errors?.[0]?.extensions.code).toBe(code)
      }
      for (const status of ['LISTED', 'PROPOSED'])
        expect(codesOf(await review(product, first, link.id, status))).toEqual([
          { code: 'INVALID_STATE', field: ['status'] },
        ])
      expect(codesOf(await review(product, first, link.id, 'DELISTED', 'x'.repeat(301)))).toEqual([
        { code: 'TOO_LONG', field: ['note'] },
      ])
    })
  })

  test('takes it out by any admin at once, and in again by another', async () => {
    const link = await listLink(product, [first, second])
    for (const status of ['FLAGGED', 'DELISTED']) {
      expect((await review(product, first, link.id, status)).link.status).toBe(status)
      expect(await isSeen(link.id)).toBe(false)
    }
    expect(codesOf(await review(product, first, link.id, 'LISTED'))[0]?.code).toBe('APPROVAL_REQUIRED')
    expect((await review(product, second, link.id, 'LISTED')).link.status).toBe('LISTED')
  })

  test('by the only admin there is comes a day later, and the audit log says so', async () => {
    const { link } = await propose(product, first)
    const others = 'UPDATE staff_user SET disabled_at = ? WHERE role = ? AND id <> 2'
    await manager().query(others, [new Date(), 'ADMIN'])
    expect(codesOf(await review(product, first, link.id, 'LISTED'))[0]?.code).toBe('APPROVAL_REQUIRED')
    await manager().query(
      'UPDATE directory_link SET proposed_at = proposed_at - INTERVAL 1 DAY WHERE public_id = ?',
      [link.id],
    )
    expect((await review(product, first, link.id, 'LISTED')).link.status).toBe('LISTED')
    await manager().query(others, [null, 'ADMIN'])
    const [event] = await manager().query(
      "SELECT reason FROM audit_event WHERE action = 'link.review' ORDER BY id DESC LIMIT 1",
    )
    expect(event.reason).toContain('no second person: a day later instead')
  })
})

describe('feedback', () => {
  let link: AnyData
  beforeAll(async () => {
    link = await listLink(product, [first, second], { category: 'Spoken of' })
  })

  const kept = async (): Promise<AnyData[]> => manager().query('SELECT * FROM link_feedback ORDER BY id')

  test('from anybody is kept as what was said on which day, and shows to staff alone', async () => {
    const answer = await say(product, link.id, { kind: 'UNSAFE', comment: ' Ask me: ada@reader.example ' })
    expect(answer.data.linkFeedbackSubmit).toEqual({ link: { id: link.id, feedback: [] }, userErrors: [] })
    const page = await visit(product, feedbackPath(link.id), {
      form: { locale: 'de', kind: 'BROKEN', comment: '' },
    })
    expect([page.status, page.cookies]).toEqual([200, []])
    expect(page.html).toContain('Danke.')
    const rows = await kept()
    expect(rows.map(row => Object.keys(row))).toEqual(
      rows.map(() => ['id', 'link_id', 'day', 'kind', 'comment']),
    )
    expect(await everythingStored(product)).not.toContain('ada@reader.example')
    const { directoryLinks } = await ok(
      product,
      '{ directoryLinks(first: 5, category: "Spoken of") { nodes { id feedback { kind count } comments { day kind comment } } } }',
      {},
      { token: author.token },
    )
    const seen = directoryLinks.nodes.find((one: AnyData) => one.id === link.id)
    expect(seen.feedback).toEqual([
      { kind: 'BROKEN', count: 1 },
      { kind: 'UNSAFE', count: 1 },
    ])
    const [comment, ...others] = seen.comments
    expect(others).toEqual([])
    expect(comment).toMatchObject({ kind: 'UNSAFE', comment: expect.stringMatching(/^Ask me: /) })
    expect(comment.day).toMatch(/^\d{4}-\d\d-\d\d$/)
  })

  test.each<[string, AnyData, string]>([
    ['of another kind', { kind: 'FUNNY' }, 'BAD_USER_INPUT'],
    ['of no kind', { kind: null }, 'BAD_USER_INPUT'],
    ['with who says it', { email: 'ada@reader.example' }, 'BAD_USER_INPUT'],
    ['with a number of a reader', { readerId: '1' }, 'BAD_USER_INPUT'],
  ])('%s is refused by the API, and nothing is written', async (_, change, code) => {
    await expectNoChange(product, async () => {
      expect((await say(product, link.id, change)).errors[0].extensions.code).toBe(code)
    })
  })

  test('about nothing, about what is not listed, or too long is refused, and nothing is written', async () => {
    const { link: proposed } = await propose(product, first)
    await expectNoChange(product, async () => {
      for (const [id, change, code, field] of [
        [randomUUID(), {}, 'NOT_FOUND', 'linkId'],
        ['x', {}, 'NOT_FOUND', 'linkId'],
        [proposed.id, {}, 'NOT_FOUND', 'linkId'],
        [link.id, { comment: 'x'.repeat(501) }, 'TOO_LONG', 'comment'],
      ] as const) {
        const { data } = await say(product, id, change)
        expect(codesOf(data.linkFeedbackSubmit)).toEqual([{ code, field: ['input', field] }])
      }
    })
  })

  test.each<[string, (id: string) => string, Record<string, string>, Record<string, string>, number]>([
    ['without a kind', feedbackPath, { comment: 'x' }, {}, 422],
    ['of another kind', feedbackPath, { kind: 'FUNNY' }, {}, 422],
    ['with a name', feedbackPath, { kind: 'BROKEN', name: 'Ada' }, {}, 422],
    ['with an address', feedbackPath, { kind: 'BROKEN', email: 'ada@reader.example' }, {}, 422],
    ['too long', feedbackPath, { kind: 'BROKEN', comment: 'x'.repeat(501) }, {}, 422],
    ['of another site', feedbackPath, { kind: 'BROKEN' }, { origin: 'https://evil.example' }, 403],
    ['about nothing', () => feedbackPath(randomUUID()), { kind: 'BROKEN' }, {}, 404],
    ['about no id', () => feedbackPath('%27'), { kind: 'BROKEN' }, {}, 404],
  ])('a form %s is refused, and nothing is written', async (_, path, form, headers, status) => {
    await expectNoChange(product, async () => {
      const answer = await visit(product, path(link.id), { form, headers })
      expect(answer.status).toBe(status)
      expect(answer.html).not.toContain('ada@reader.example')
    })
  })

  test('by a form whose field comes twice, by GET, or as JSON is refused, and nothing is written', async () => {
    const url = product.url + feedbackPath(link.id)
    await expectNoChange(product, async () => {
      const twice = await fetch(url, { method: 'POST', body: new URLSearchParams('kind=BROKEN&kind=UNSAFE') })
      expect(twice.status).toBe(422)
      expect((await fetch(`${url}?kind=BROKEN`)).status).toBe(405)
      const json = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"kind":"BROKEN"}',
      })
      expect(json.status).toBe(422)
    })
  })

  test('of one network is counted: the third of two is refused by page and API alike, and not kept', async () => {
    const api = await startMoreApi(product, { RATE_LIMITS: 'feedback=2/h' })
    await say(api, link.id)
    await visit(api, feedbackPath(link.id), { form: { kind: 'HELPFUL' } })
    await expectNoChange(product, async () => {
      const { errors, status } = await say(api, link.id)
      expect([status, errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED'])
      const page = await visit(api, feedbackPath(link.id), { form: { kind: 'HELPFUL' } })
      expect([page.status, Number(page.headers.get('retry-after')) > 3000]).toEqual([429, true])
    })
    await api.stop()
  })

  test('about one link has an end each day, wherever it comes from', async () => {
    const { id, ...rest } = await listLink(product, [first, second])
    const [{ id: linkId }] = await manager().query('SELECT id FROM directory_link WHERE public_id = ?', [id])
    expect(rest.status).toBe('LISTED')
    await manager().query(
      `INSERT INTO link_feedback (link_id, day, kind) 
       WITH RECURSIVE one AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM one WHERE n < ${MAX_A_DAY - 1})
       SELECT ?, UTC_DATE(), 'UNSAFE' FROM one`,
      [linkId],
    )
    expect((await say(product, id)).data.linkFeedbackSubmit.userErrors).toEqual([])
    await expectNoChange(product, async () => {
      expect((await say(product, id)).errors[0].extensions.code).toBe('RATE_LIMITED')
    })
  })
})

describe('marked is', () => {
  const marks = { ownHosts: ['site.example'], locale: 'en' }
  const marked = (html: string) => markLinks(html, marks, MAIL_MARK)

  test.each([
    ['a link', '<a href="https://shop.example/x">A</a>', 'shop.example'],
    ['one in capitals', '<A HREF="HTTPS://SHOP.example">A</A>', 'shop.example'],
    ['one without a scheme', '<a href="//shop.example/x">A</a>', 'shop.example'],
    ['one with the wrong strokes', '<a href="https:\\\\shop.example">A</a>', 'shop.example'],
    ['one that hides behind our name', '<a href="https://site.example@shop.example/">A</a>', 'shop.example'],
    [
      'one that begins with our name',
      '<a href="https://site.example.shop.example/">A</a>',
      'site.example.shop.example',
    ],
    ['one that looks like ours', '<a href="https://s\u0456te.example/">A</a>', 'xn--ste-jhd.example'],
    ['one in entities', '<a href="https&#58;//shop.example">A</a>', 'shop.example'],
    ['one with a line in its scheme', '<a href="ht\ntps://shop.example">A</a>', 'shop.example'],
    ['one without quotes', '<a href=https://shop.example/x>A</a>', 'shop.example'],
    ['one with a bracket in a quote', '<a title=">" href="https://shop.example">A</a>', 'shop.example'],
    ['one with a quote in a bare word', '<a title=x" href="https://shop.example">A</a>', 'shop.example'],
    ['a picture', '<a href="https://shop.example"><img src="a.png"></a>', 'shop.example'],
    [
      'one that is not closed',
      '<a href="https://shop.example">A<a href="https://site.example">B</a>',
      'shop.example',
    ],
    [
      'one for Outlook alone',
      '<!--[if mso]><a href="https://shop.example">A</a><![endif]-->',
      'shop.example',
    ],
    ['one with a name behind its host', '<a href="https://shop.example/?n={{name|x}}">A</a>', 'shop.example'],
    [
      'an address that mail programs make a link of',
      '<p>At https://shop.example/x?a=1&amp;b=2.</p>',
      'shop.example',
    ],
    ['one before a blank in an entity', '<p>https://shop.example/x&nbsp;and more</p>', 'shop.example'],
    ['one without a scheme in the text', '<td>www.shop.example</td>', 'www.shop.example'],
    ['one in the text for Outlook alone', '<!--[if mso]>www.shop.example<![endif]-->', 'www.shop.example'],
    ['one behind a link of ours', '<a href="/">A</a> https://shop.example <a href="/">B</a>', 'shop.example'],
    ['one beside an anchor', '<a name="x">https://shop.example</a>', 'shop.example'],
  ])('%s', (_, html, host) => {
    expect(marked(html)).toContain(`(external: ${host})`)
    expect(externalLinks(marked(html), marks)).toEqual([{ host, isMarked: true }])
    expect(externalLinks(html, marks)).toEqual([{ host, isMarked: false }])
  })

  test.each([
    '<a href="https://{{name|shop}}.example/">A</a>',
    '<a href="{{name|https://shop.example/}}">A</a>',
    '<a href="http{{name|s://shop.example}}">A</a>',
    '<a href="https://a b.example/">A</a>',
  ])('without a host, one that may lead anywhere: %s', html => {
    expect(marked(html)).toContain('(external)</span>')
    expect(externalLinks(marked(html), marks)).toEqual([{ host: '', isMarked: true }])
  })

  test.each([
    '<a href="https://site.example/story">A</a>',
    '<a href="HTTP://SITE.EXAMPLE:80">A</a>',
    '<a href="{{unsubscribe_url}}">A</a>',
    '<a href="{{preferences_url}}">A</a>',
    '<a href="mailto:a@shop.example">A</a>',
    '<a href="tel:+49301">A</a>',
    '<a href="#top">A</a>',
    '<a name="x">A</a>',
    '<abbr title="https://shop.example">A</abbr>',
    '<!-- <a href="https://shop.example">A</a> -->',
    '<style>a[href="https://shop.example"] { color: red }</style>',
    '<a href="https://site.example/">https://shop.example</a>',
    '<p>https://site.example/x</p>',
    '<img alt="https://shop.example" src="x.png">',
    '<!-- https://shop.example -->',
  ])('not: %s', html => {
    expect([marked(html), externalLinks(html, marks)]).toEqual([html, []])
  })

  test('in text, each address behind itself, once', () => {
    const text = `Read (https://shop.example/a_(b)), www.shop.example; https://site.example/x.
{{name|https://shop.example}} https://shop.example/?n={{name|a b}}. mail a@shop.example`
    const done = markText(text, marks)
    expect(
      done,
    ).toBe(`Read (https://shop.example/a_(b) (external: shop.example)), www.shop.example (external: www.shop.example); https://site.example/x.
{{name|https://shop.example (external: shop.example)}} https://shop.example/?n={{name|a b}} (external: shop.example). mail a@shop.example`)
    expect(markText(done, marks)).toBe(done)
    expect(externalAddresses(text, marks).map(({ isMarked }) => isMarked)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  test('everything, in whatever text or page, and nothing twice', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'https://',
        'www.',
        'shop.example',
        'site.example',
        '/',
        '(',
        ')',
        '{{name|',
        '}}',
        ' ',
        '.',
        '@',
      ),
      fc.string({ maxLength: 3 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
        const done = markText(pieces.join(''), marks)
        expect(externalAddresses(done, marks).filter(({ isMarked }) => !isMarked)).toEqual([])
        expect(markText(done, marks)).toBe(done)
      }),
    )
    const link = fc.record({
      host: fc.constantFrom('shop.example', 'site.example', 'a.b.example'),
      quote: fc.constantFrom('"', "'", ''),
      more: fc.constantFrom('', ' target=_blank', ' title="a > b"', " style='x'", ' rel="author"'),
      text: fc.constantFrom('A', '<b>A</b>', '<img alt="<a href=x>">', 'https://c.example/', ''),
      behind: fc.constantFrom(
        '',
        ' https://shop.example/?a=1&amp;b=2 ',
        'www.site.example',
        ' https://site.example/',
      ),
    })
    fc.assert(
      fc.property(fc.array(link, { maxLength: 6 }), links => {
        const html = links
          .map(
            ({ host, quote, more, text, behind }) =>
              `<p><a${more} href=${quote}https://${host}/${quote}>${text}</a>${behind}</p>`,
          )
          .join('')
        const found = externalLinks(marked(html), marks)
        const external = links.flatMap(({ host, behind }) => [
          host !== 'site.example',
          /shop|www/.test(behind),
        ])
        expect(found).toHaveLength(external.filter(Boolean).length)
        expect(found.filter(({ isMarked }) => !isMarked)).toEqual([])
      }),
    )
  })

  test('every address in the text of a page, whatever entities and elements stand beside it', () => {
    const piece = fc.constantFrom(
      ...[
        'https://shop.example/x',
        'www.shop.example',
        'https://site.example/?a=b',
        '/',
        '?a=',
        'b',
        '&amp;',
      ],
      ...[
        '&nbsp;',
        '&#160;',
        '&lt;',
        '&copy;',
        '&',
        ' ',
        '.',
        '(',
        ')',
        '<b>',
        '<br>',
        '<i>A</i>',
        '{{name|you}}',
      ],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
        const done = marked(`<p>${pieces.join('')}</p>`)
        expect(externalLinks(done, marks).filter(({ isMarked }) => !isMarked)).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  test('and what cannot be marked blocks the newsletter', async () => {
    const footer = { unsubscribe: 'u', preferences: 'p', postalAddress: 'x', reason: 'r', siteName: 's' }
    const render = (raw: string) =>
      renderNewsletter({
        mjml: `<mjml><mj-body><mj-section><mj-column><mj-text>Hi ${raw}</mj-text></mj-column></mj-section></mj-body></mjml>`,
        ...{ text: '', textIsGenerated: true, subject: 'x', locale: 'en', footer, ownHosts: [] },
      })
    const { issues } = await render('<map name="m"><area href="https://shop.example/" /></map>')
    expect(issues.map(one => one.message)).toEqual([
      'A link to shop.example cannot be marked as external: it has to be an <a> with its end',
    ])
    expect((await render('<a href="https://shop.example/">A</a>')).issues).toEqual([])
  })
})

describe('readers see', () => {
  test('in the mail they get, in HTML and text, and in their language, the marks that were approved in the preview', async () => {
    const { id: topicId } = await makeTopic(product, first, 'weekly')
    const stop = product.startWorker()
    const { email } = await makeReader(product, ['topic:weekly'])
    const mjml = `<mjml><mj-body><mj-section><mj-column><mj-text>Look at <a href="https://shop.example/a">the shop</a>
      and <a href="https://site.example/b">our own</a></mj-text><mj-button href="https://shop.example/c">Buy</mj-button>
      </mj-column></mj-section></mj-body></mjml>`
    const { id } = await makeNewsletter(product, first, topicId, { mjml })
    const { newsletter } = await ok(
      product,
      'query ($id: ID!) { newsletter(id: $id) { preview { html text } } }',
      { id },
      { token: first.token },
    )
    await scheduleNow(product, first, id)
    await untilStatus(product, id, 'SENT')
    const mail = await waitForMail(product, email, 2)
    await stop()
    for (const text of [mail.html, newsletter.preview.html]) {
      expect(text.match(/\(external: shop\.example\)/g)).toHaveLength(2)
      expect(text.match(/rel="nofollow noopener noreferrer"/g)).toHaveLength(2)
      expect(text).not.toContain('external: site.example')
      expect(text.match(/\(external/g)).toHaveLength(2)
    }
    for (const text of [mail.text, newsletter.preview.text]) {
      expect(text).toContain('the shop (https://shop.example/a) (external: shop.example)')
      expect(text).toContain('Buy (https://shop.example/c) (external: shop.example)')
      expect(text.match(/\(external/g)).toHaveLength(2)
    }
  })

  test('the directory in their language, each link marked, without a cookie or a script', async () => {
    await listLink(product, [first, second], {
      title: '<b>Bold</b> & "quoted"',
      url: 'https://m\u00fcnchen.example/?a=1&b="2"',
    })
    for (const [lang, mark] of [
      ['en', '(external: xn--mnchen-3ya.example)'],
      ['de', '(extern: xn--mnchen-3ya.example)'],
    ] as const) {
      const { status, cookies, html } = await visit(product, `/links?lang=${lang}`)
      expect([status, cookies]).toEqual([200, []])
      expect(html).toContain(mark)
      expect(html).not.toMatch(/<script|<b>|style=/)
      expect(html).toContain('rel="nofollow noopener noreferrer"')
      const links = externalLinks(html, { ownHosts: product.config.ownHosts, locale: lang })
      expect(links.length).toBeGreaterThan(0)
      expect(links.filter(({ isMarked }) => !isMarked)).toEqual([])
    }
  })

  test('links of the policy marked on its page, while what was agreed to stays to the letter', async () => {
    const words = 'See [them](https://shop.example/policy) and [us](/processors).'
    const { userErrors } = await publish(product, first, await draftBoth(product, first, words))
    expect(userErrors).toEqual([])
    const { html } = await visit(product, '/privacy?lang=en')
    expect(html).toContain('<span class="external">(external: shop.example)</span></a>')
    expect(html.match(/\(external/g)).toHaveLength(1)
    const { site } = await ok(product, '{ site { policy { html } } }')
    expect(site.policy.html).not.toContain('external')
  })
})

describe('the checker connects', () => {
  /** As it would be on the public web, at a port of this machine. */
  async function siteOf(answer: RequestListener) {
    const server = createServer(answer).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const resolved: string[] = []
    const rules: FetchRules = {
      resolve: async host => {
        resolved.push(host)
        return [host === 'inside.example' ? '10.0.0.1' : '127.0.0.1']
      },
      isAllowed: address => address === '127.0.0.1',
      ports: [port],
    }
    const look = (path = '/', host = 'shop.example') =>
      checkAddress(`http://${host}:${port}${path}`, new AbortController().signal, rules)
    return { server, port, resolved, look }
  }

  test('and says what became of a link: there, shy, gone, in circles, broken off', async () => {
    const seen: string[] = []
    const { server, look } = await siteOf((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      const status = Number(request.url?.slice(1, 4)) || 200
      const location = { '/circle': '/circle', '/nowhere': 'http://' }[request.url ?? '']
      if (location) return void response.writeHead(302, { location }).end()
      if (request.url === '/off') return void request.socket.destroy()
      response.writeHead(request.url === '/only-get' && request.method === 'HEAD' ? 501 : status).end()
    })
    const found = await Promise.all(
      ['/', '/403', '/429', '/404', '/410', '/500', '/circle', '/nowhere', '/off', '/only-get'].map(path =>
        look(path),
      ),
    )
    server.close()
    expect(found).toEqual([
      ...['OK', 'OK', 'OK', 'REFUSED', 'REFUSED', 'REFUSED', 'REFUSED', 'REFUSED', 'UNREACHABLE', 'OK'],
    ])
    expect(seen.filter(one => one.endsWith('/circle'))).toHaveLength(4)
    expect(seen.filter(one => one.endsWith('/only-get'))).toEqual(['HEAD /only-get', 'GET /only-get'])
  })

  test('without a cookie or a referrer, and reads no more than it needs', async () => {
    let sent = 0
    let headers: NodeJS.Dict<string | string[]> = {}
    const ended = new Promise<void>(resolve => {
      void siteOf((request, response) => {
        headers = request.headers
        if (request.method === 'HEAD') return void response.writeHead(404, { 'set-cookie': 'a=1' }).end()
        response.writeHead(404)
        const more = () => {
          while (!response.destroyed && sent < 50_000_000 && response.write(Buffer.alloc(65_536)))
            sent += 65_536
        }
        response.on('drain', more).on('close', resolve)
        more()
      }).then(async ({ server, look }) => {
        expect(await look()).toBe('REFUSED')
        server.closeAllConnections()
        server.close()
      })
    })
    await ended
    expect(sent).toBeLessThan(50_000_000)
    expect(Object.keys(headers).sort()).toEqual(['accept', 'connection', 'host', 'user-agent'])
  })

  test('never to where a redirect leads inside', async () => {
    const seen: string[] = []
    let port = 0
    const found = await siteOf((request, response) => {
      seen.push(request.url ?? '')
      response.writeHead(302, { location: decodeURIComponent(request.url?.slice(1) ?? '') }).end()
    })
    port = found.port
    for (const target of [
      `http://169.254.169.254:${port}/latest`,
      `http://inside.example:${port}/`,
      `http://127.0.0.2:${port}/`,
      `http://[::1]:${port}/`,
      `http://2130706434:${port}/`,
      'http://shop.example:22/',
      `http://a:b@shop.example:${port}/`,
      'ftp://shop.example/',
      'file:///etc/passwd',
      'javascript:alert(1)',
    ]) {
      seen.length = 0
      expect([target, await found.look(`/${encodeURIComponent(target)}`)]).toEqual([target, 'FORBIDDEN'])
      expect(seen).toHaveLength(1)
    }
    found.server.close()
  })

  test('to the very address it looked at: a name that changes its mind is not asked again', async () => {
    let asked = 0
    const { server, port } = await siteOf((_, response) => response.end())
    const rules = (addresses: () => string[]): FetchRules => ({
      resolve: async () => addresses(),
      isAllowed: address => address === '127.0.0.1',
      ports: [port],
    })
    const url = `http://shop.example:${port}/`
    const { signal } = new AbortController()
    expect(
      await checkAddress(
        url,
        signal,
        rules(() => (asked++ === 0 ? ['127.0.0.1'] : ['10.0.0.1'])),
      ),
    ).toBe('OK')
    expect(asked).toBe(1)
    for (const addresses of [['127.0.0.1', '10.0.0.1'], ['10.0.0.1'], []])
      expect(
        await checkAddress(
          url,
          signal,
          rules(() => addresses),
        ),
      ).toBe('FORBIDDEN')
    server.close()
  })

  test('to nothing of this machine or its network, as it is shipped', async () => {
    const { signal } = new AbortController()
    for (const url of [
      ...['http://127.0.0.1/', 'http://localhost/', 'http://0/', 'http://0177.0.0.1/', 'http://2130706433/'],
      ...[
        'http://[::1]/',
        'http://[::ffff:127.0.0.1]/',
        'http://169.254.169.254/',
        'http://10.0.0.1/',
        'http://[fe80::1]/',
      ],
      ...['https://192.168.0.1/', 'http://192.0.2.1:8080/', 'gopher://192.0.2.1/', 'http://a@192.0.2.1/'],
    ])
      expect([url, await checkAddress(url, signal, publicWeb)]).toEqual([url, 'FORBIDDEN'])
  })

  test('to no address that is not of the public Internet, in whatever notation (property)', () => {
    const special = [
      ...[
        '0.0.0.0/8',
        '10.0.0.0/8',
        '100.64.0.0/10',
        '127.0.0.0/8',
        '169.254.0.0/16',
        '172.16.0.0/12',
        '192.0.0.0/24',
      ],
      ...[
        '192.0.2.0/24',
        '192.88.99.0/24',
        '192.168.0.0/16',
        '198.18.0.0/15',
        '198.51.100.0/24',
        '203.0.113.0/24',
      ],
      ...['224.0.0.0/4', '240.0.0.0/4'],
    ]
    const block = new BlockList()
    for (const range of special) {
      const [network = '', bits] = range.split('/')
      block.addSubnet(network, Number(bits), 'ipv4')
    }
    const dotted = (value: number) => [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
    const inSpecial = fc
      .tuple(fc.constantFrom(...special), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
      .map(([range, random]) => {
        const [network = '', bits = '32'] = range.split('/')
        const start = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
        return start + (random % 2 ** (32 - Number(bits)))
      })
    const anywhere = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    fc.assert(
      fc.property(fc.oneof(inSpecial, anywhere), value => {
        const address = dotted(value)
        const isSpecial = block.check(address, 'ipv4')
        const hex = [value >>> 16, value & 65_535].map(part => part.toString(16)).join(':')
        if (isSpecial)
          for (const one of [address, `::ffff:${address}`, `::ffff:${hex}`, `0:0:0:0:0:ffff:${hex}`])
            expect([one, isPublicAddress(one)]).toEqual([one, false])
        // Other ways to write or to reach an IPv4 address are none, whatever it is.
        for (const one of [
          `::${hex}`,
          `64:ff9b::${hex}`,
          `2002:${hex}::1`,
          String(value),
          `0x${value.toString(16)}`,
        ])
          expect([one, isPublicAddress(one)]).toEqual([one, false])
        for (const host of [
          String(value),
          `0x${value.toString(16)}`,
          `0${value.toString(8)}`,
          address,
          `[::${hex}]`,
        ])
          expect([host, directoryUrl(`http://${host}/`, [])]).toEqual([host, undefined])
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(fc.ipV6(), fc.constantFrom('', '%eth0', '%0'), (address, zone) => {
        const isGlobal = /^[23][0-9a-f]{3}:/i.test(address)
        if (!isGlobal && !address.toLowerCase().includes('ffff:'))
          expect(isPublicAddress(address)).toBe(false)
        if (zone) expect(isPublicAddress(address + zone)).toBe(false)
      }),
    )
    fc.assert(fc.property(fc.string(), text => !isPublicAddress(text) || isIPv4(text) || text.includes(':')))
    for (const address of ['8.8.8.8', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8'])
      expect([address, isPublicAddress(address)]).toEqual([address, true])
  })
})

describe('the daily check', () => {
  const rowOf = async (id: string): Promise<AnyData> =>
    (await manager().query('SELECT * FROM directory_link WHERE public_id = ?', [id]))[0]
  const dayLater = () =>
    manager().query(
      'UPDATE directory_link SET checked_at = checked_at - INTERVAL 1 DAY WHERE checked_at IS NOT NULL',
    )
  const { signal } = new AbortController()

  test('writes what it finds beside the link, once a day, and takes out what failed three days in a row', async () => {
    const link = await listLink(product, [first, second], { title: 'Goes away' })
    const { link: proposed } = await propose(product, first)
    const asked: string[] = []
    const look = async (url: string) => {
      asked.push(url)
      return url === link.url ? LinkCheckResult.UNREACHABLE : LinkCheckResult.OK
    }
    while ((await checkLinks(product.connections.db, signal, look)) > 0);
    expect(asked).toContain(link.url)
    expect(asked).not.toContain(proposed.url)
    expect(new Set(asked).size).toBe(asked.length)
    expect(await rowOf(link.id)).toMatchObject({ status: 'LISTED', failures: 1, check_result: 'UNREACHABLE' })
    expect((await visit(product, '/links')).html).toContain('Last looked at on')
    for (const [failures, status] of [
      [2, 'LISTED'],
      [3, 'FLAGGED'],
    ]) {
      await dayLater()
      while ((await checkLinks(product.connections.db, signal, look)) > 0);
      expect(await rowOf(link.id)).toMatchObject({ failures, status })
    }
    expect(await isSeen(link.id)).toBe(false)
    const [event] = await manager().query("SELECT * FROM audit_event WHERE action = 'link.flag'")
    expect(event).toMatchObject({
      actor: 'link-check',
      target: link.id,
      reason: 'UNREACHABLE, 3 times in a row',
    })
    await dayLater()
    while ((await checkLinks(product.connections.db, signal, async () => LinkCheckResult.OK)) > 0);
    expect(await rowOf(link.id)).toMatchObject({ failures: 0, status: 'FLAGGED' })
  })

  test('is made by the worker where it is switched on, which asks nobody where it is off, as it is shipped', async () => {
    const url_hash = Buffer.alloc(32, 7)
    await plantRow(product, 'directory_link', {
      url: 'http://127.0.0.1/',
      url_hash,
      status: 'LISTED',
      reviewed_at: new Date(),
    })
    const found = () =>
      manager().query('SELECT check_result FROM directory_link WHERE url_hash = ?', [url_hash])
    // Nobody is asked but this one.
    await manager().query(
      "UPDATE directory_link SET checked_at = UTC_TIMESTAMP(3) WHERE url LIKE '%.example%'",
    )
    expect(product.config.linkChecks).toBe(false)
    const shipped = product.startWorker()
    await sweeps(3)
    await shipped()
    expect(await found()).toEqual([{ check_result: null }])
    const on = loadConfig({ ...product.env, LINK_CHECKS: 'on' }, undefined)
    const stop = startWorkers(on, product.connections, createLog('silent', 'test'))
    await until(async () => (await found())[0].check_result === 'FORBIDDEN', 'the link to be checked')
    await stop()
  })
})
