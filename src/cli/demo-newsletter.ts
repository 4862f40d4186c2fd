// The newsletter the demo sends: no image, no web font, nothing loaded from anywhere. The system adds the footer.
import { englishIssue, germanIssue, type IssueWords } from './demo-newsletter-words'

const ownSite = 'https://weinterrupt.example/weekly/214'
const bars = ['#3aa7b0', '#3f9a63', '#b2559a', '#d0503f', '#5b6fd8']

// Dark as authored; the colours keep a contrast of 4.5 : 1 in both (X4).
const darkRules = `
    :root { color-scheme: light dark; supported-color-schemes: light dark; }
    a { text-underline-offset: 3px; }
    @media (prefers-color-scheme: dark) {
      body, body > div, .page, .page > table { background-color: #0e1318 !important; background: #0e1318 !important; }
      .sheet, .sheet > table { background-color: #161d25 !important; background: #161d25 !important; }
      .wash, .wash > table { background-color: #1e2740 !important; background: #1e2740 !important; }
      .ink div, .ink td, .ink th { color: #e8ecf0 !important; }
      .soft div, .soft td { color: #aab4be !important; }
      .link a, .ink a { color: #a3b4ff !important; }
      [data-footer], [data-footer] a { color: #aab4be !important; }
      .track { background-color: #2b3641 !important; }
    }`

export const demoSubject = englishIssue.subject
export const demoPreheader = englishIssue.preheader
export const demoMjml = mjmlOf(englishIssue)

export const demoSubjectGerman = germanIssue.subject
export const demoPreheaderGerman = germanIssue.preheader
export const demoMjmlGerman = mjmlOf(germanIssue)

function mjmlOf(words: IssueWords): string {
  return `<mjml lang="${words.locale}">
  ${head(words)}
  <mj-body background-color="#eef1f4" css-class="page" width="600px">
    ${masthead(words)}
    ${essay(words)}
    ${poll(words)}
    ${brief(words)}
    ${exercise(words)}
    ${goodbye(words)}
  </mj-body>
</mjml>
`
}

function head(words: IssueWords): string {
  return `<mj-head>
    <mj-title>${words.subject}</mj-title>
    <mj-raw><meta name="color-scheme" content="light dark" /><meta name="supported-color-schemes" content="light dark" /></mj-raw>
    <mj-attributes>
      <mj-all font-family="-apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif" />
      <mj-section background-color="#ffffff" padding="0 12px" css-class="sheet" />
      <mj-text font-size="17px" line-height="27px" color="#17202a" padding="0 20px 18px" />
      <mj-class name="heading" font-size="22px" line-height="28px" font-weight="700" padding="0 20px 6px" />
      <mj-class name="small" font-size="15px" line-height="22px" color="#4b5864" />
    </mj-attributes>
    <mj-style>${darkRules}
    </mj-style>
  </mj-head>`
}

// The site's name interrupts a row of test-card colours.
function masthead(words: IssueWords): string {
  const bar = (colour: string): string =>
    `<td style="padding: 0; vertical-align: middle;"><div style="height: 8px; line-height: 8px; font-size: 1px; background-color: ${colour};">&nbsp;</div></td>`
  return `<mj-section padding="24px 12px 18px" background-color="#eef1f4" css-class="page">
      <mj-column>
        <mj-table padding="0 20px" color="#17202a" css-class="ink" role="presentation">
          <tr>
            ${bar('#8d99a5')}${bar('#e0b62c')}
            <td width="128" style="width: 128px; padding: 0 6px; text-align: center; white-space: nowrap; font-size: 18px; line-height: 24px; font-weight: 700; vertical-align: middle;">We Interrupt</td>
            ${bars.map(bar).join('')}
          </tr>
        </mj-table>
        <mj-text mj-class="small" padding="12px 20px 0" css-class="soft">${words.issue}</mj-text>
      </mj-column>
    </mj-section>`
}

function essay(words: IssueWords): string {
  const [first = '', ...others] = words.essay
  const paragraph = (text: string): string => `<mj-text css-class="ink">${text}</mj-text>`
  return `<mj-section padding="40px 12px 28px">
      <mj-column>
        <mj-text css-class="ink" font-size="36px" line-height="41px" font-weight="700" letter-spacing="-0.6px" padding="0 20px 14px">
          <h1 style="margin: 0; font-size: 36px; line-height: 41px; font-weight: 700;">${words.subject}</h1>
        </mj-text>
        <mj-text css-class="soft" font-size="19px" line-height="28px" color="#4b5864" padding="0 20px 26px">${words.preheader}</mj-text>
        ${paragraph(`<strong>${words.greeting}</strong> ${first}`)}
        ${others.map(paragraph).join('\n        ')}
        <mj-button href="${ownSite}/kettle" align="left" background-color="#2b41b4" color="#ffffff" font-size="17px" font-weight="700" border-radius="6px" inner-padding="15px 28px" padding="6px 20px 12px">${words.readOn}</mj-button>
      </mj-column>
    </mj-section>`
}

function poll(words: IssueWords): string {
  const { title, note, answers } = words.poll
  return `<mj-section background-color="#eef1fd" padding="36px 12px 22px" css-class="wash">
      <mj-column>
        <mj-text css-class="ink" mj-class="heading"><h2 style="margin: 0; font-size: 22px; line-height: 28px;">${title}</h2></mj-text>
        <mj-text css-class="soft" mj-class="small">${note}</mj-text>
        ${answers.map((answer, at) => pollBar(answer, bars[at] ?? '#8d99a5')).join('\n        ')}
      </mj-column>
    </mj-section>`
}

// A bar is as wide as its share of 40 %; the figure before it says the same in text.
function pollBar({ label, percent }: { label: string; percent: number }, colour: string): string {
  const width = Math.round((percent / 40) * 100)
  return `<mj-text css-class="ink" font-size="16px" line-height="24px" padding="0 20px 12px"><p style="margin: 0 0 4px;"><strong style="display: inline-block; width: 54px;">${percent} %</strong> ${label}</p><div class="track" style="background-color: #d6dcf3;"><div style="width: ${width}%; height: 12px; line-height: 12px; font-size: 1px; background-color: ${colour};">&nbsp;</div></div></mj-text>`
}

function brief(words: IssueWords): string {
  const item = ({ title, text, path, site = ownSite }: IssueWords['brief']['items'][number]): string =>
    `<mj-text css-class="ink" padding="0 20px 20px"><a href="${site}/${path}" style="color: #2b41b4; font-weight: 700;">${title}</a><br />${text}</mj-text>`
  return `<mj-section padding="38px 12px 16px">
      <mj-column>
        <mj-text css-class="ink" mj-class="heading" padding="0 20px 14px"><h2 style="margin: 0; font-size: 22px; line-height: 28px;">${words.brief.title}</h2></mj-text>
        ${words.brief.items.map(item).join('\n        ')}
      </mj-column>
    </mj-section>`
}

// The same in light and dark: the one block that is meant to stand out.
function exercise(words: IssueWords): string {
  const { title, text, link } = words.exercise
  return `<mj-section background-color="#22318a" padding="36px 12px 20px" css-class="loud">
      <mj-column>
        <mj-text mj-class="heading" color="#ffffff"><h2 style="margin: 0; font-size: 22px; line-height: 28px;">${title}</h2></mj-text>
        <mj-text color="#e3e8ff">${text}</mj-text>
        <mj-text><a href="${ownSite}/try" style="color: #ffd966; font-weight: 700;">${link}</a></mj-text>
      </mj-column>
    </mj-section>`
}

function goodbye(words: IssueWords): string {
  return `<mj-section padding="34px 12px 22px">
      <mj-column>
        <mj-text css-class="ink" padding="0 20px 4px">${words.goodbye}</mj-text>
        <mj-text css-class="soft" mj-class="small">${words.signature}</mj-text>
      </mj-column>
    </mj-section>`
}
