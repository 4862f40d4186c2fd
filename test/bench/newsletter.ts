// The newsletter that is sent: of the size and build of a real one (about 25 kB of HTML, 30 kB on the wire).
const places = ['The harbour', 'The library', 'The tramway']

const words = `The council met on Tuesday and, after the longest debate of the year, agreed to keep the old building open
through the winter. Volunteers have repaired the roof, the heating follows in November, and from then on the
doors stay open until nine in the evening. Anyone who wants to help is welcome at the side entrance on
Saturday morning. Tools are there, coffee too; children may come along and will be given something useful to
paint. What it costs is known since last month: a little more than half of what a new building would, and
most of that goes to workshops in the town itself. The rest of the money stays where it was planned, so that
the footbridge can be opened before the summer. Two questions are still open: who looks after the garden
behind the building, and whether the late bus goes on stopping at the corner. Both are on the list for the
next meeting, which is open to everybody and begins at seven. If you cannot come, write to us by Thursday;
every letter is read out or summed up, with the name of its writer or without it, as you like, and the
minutes will say what became of it.`

const story = (
  place: string,
  number: number,
): string => `<mj-section background-color="#ffffff" padding="8px 16px">
  <mj-column width="30%"><mj-text font-size="40px" color="#2b41b4" padding="12px 8px">${number}</mj-text></mj-column>
  <mj-column width="70%">
    <mj-text font-size="20px" font-weight="700" padding="12px 8px 4px">${place}: what changes for {{name|you}}</mj-text>
    <mj-text padding="4px 8px" line-height="24px">${words}</mj-text>
    <mj-button href="https://site.example/story/${number}" background-color="#2b41b4" padding="8px">Read on</mj-button>
  </mj-column>
</mj-section>`

export const subject = 'Three changes in town, {{name|dear reader}}'

export const mjml = `<mjml lang="en"><mj-head><mj-title>Three changes in town</mj-title></mj-head>
<mj-body background-color="#eef1f4">
<mj-section><mj-column><mj-text font-size="26px">Hello {{name|reader}}, this is {{topic}} from {{site}}</mj-text></mj-column></mj-section>
${places.map((place, index) => story(place, index + 1)).join('\n')}
<mj-section><mj-column><mj-text>Until next week, {{name|reader}}.</mj-text></mj-column></mj-section>
</mj-body></mjml>`
