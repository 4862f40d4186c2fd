// What the demo site publishes: the weekly issue that is worth reading, and two short ones for the unsubscribe story.
import {
  demoMjml,
  demoMjmlGerman,
  demoPreheader,
  demoPreheaderGerman,
  demoSubject,
  demoSubjectGerman,
} from './demo-newsletter'

export interface DemoIssue {
  title: string
  topicSlug: string
  contents: { locale: string; subject: string; preheader: string; mjml: string }[]
}

export const weeklyIssue: DemoIssue = {
  title: 'Weekly, No. 214',
  topicSlug: 'weekly',
  contents: [
    { locale: 'en', subject: demoSubject, preheader: demoPreheader, mjml: demoMjml },
    { locale: 'de', subject: demoSubjectGerman, preheader: demoPreheaderGerman, mjml: demoMjmlGerman },
  ],
}

/** The topic promises at most two issues a week: these are the two. */
export const jobsIssue: DemoIssue = short('Jobs, No. 61', {
  en: {
    subject: 'A library looks for somebody who likes quiet',
    greeting: 'Hello {{name|reader}},',
    paragraphs: [
      'The harbour library looks for a night librarian: four nights a week, a brass bell and 3,100 a month.',
      'Nobody will phone you. If you would like the post, write to them by the end of the month.',
    ],
  },
  de: {
    subject: 'Eine Bibliothek sucht jemanden, der Ruhe mag',
    greeting: 'Guten Tag {{name|zusammen}},',
    paragraphs: [
      'Die Bibliothek am Hafen sucht jemanden für die Nacht: vier Nächte die Woche, eine Messingglocke und 3.100 im Monat.',
      'Angerufen wird niemand. Wer die Stelle möchte, schreibt bis zum Ende des Monats.',
    ],
  },
})

export const nextJobsIssue: DemoIssue = short('Jobs, No. 62', {
  en: {
    subject: 'Two posts in quiet technology',
    greeting: 'Hello {{name|reader}},',
    paragraphs: [
      'A maker of clocks without alarms looks for a programmer: three days a week, 3,800 a month.',
      'A museum looks for somebody to keep its telephones silent: full time, 2,950 a month.',
    ],
  },
  de: {
    subject: 'Zwei Stellen in stiller Technik',
    greeting: 'Guten Tag {{name|zusammen}},',
    paragraphs: [
      'Ein Hersteller von Uhren ohne Wecker sucht jemanden zum Programmieren: drei Tage die Woche, 3.800 im Monat.',
      'Ein Museum sucht jemanden, der seine Telefone still hält: Vollzeit, 2.950 im Monat.',
    ],
  },
})

interface ShortWords {
  subject: string
  greeting: string
  paragraphs: readonly string[]
}

function short(title: string, words: { en: ShortWords; de: ShortWords }): DemoIssue {
  const contents = (['en', 'de'] as const).map(locale => ({
    locale,
    subject: words[locale].subject,
    preheader: title,
    mjml: shortMjml(locale, words[locale]),
  }))
  return { title, topicSlug: 'jobs', contents }
}

function shortMjml(locale: string, { subject, greeting, paragraphs }: ShortWords): string {
  const texts = [greeting, ...paragraphs].map(text => `<mj-text>${text}</mj-text>`).join('\n        ')
  return `<mjml lang="${locale}">
  <mj-head>
    <mj-title>${subject}</mj-title>
    <mj-attributes>
      <mj-all font-family="-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif" />
      <mj-text font-size="17px" line-height="27px" color="#17202a" padding="0 20px 18px" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color="#eef1f4">
    <mj-section background-color="#ffffff" padding="32px 12px 16px">
      <mj-column>
        <mj-text font-size="26px" line-height="32px" font-weight="700">${subject}</mj-text>
        ${texts}
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`
}
