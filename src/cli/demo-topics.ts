// The topics of the demo site. Their words are what readers say yes to, so they promise no more than is kept.

export interface DemoTopicWords {
  name: string
  description: string
  cadence: string
}

export interface DemoTopic {
  slug: string
  /** The promised frequency: at most this many issues … */
  maxIssues: number
  /** … in any this many days. */
  perDays: number
  words: { en: DemoTopicWords; de: DemoTopicWords }
}

/** Three streams with three rhythms; the demo sends the first one. */
export const demoTopics: readonly DemoTopic[] = [
  {
    slug: 'weekly',
    maxIssues: 1,
    perDays: 7,
    words: {
      en: {
        name: 'Weekly',
        description: 'One essay, a few short pieces and one thing to try. Ten minutes, then you are done.',
        cadence: 'Once a week',
      },
      de: {
        name: 'Weekly',
        description:
          'Ein Essay, ein paar kurze Stücke und eine Sache zum Ausprobieren. Zehn Minuten, dann ist Schluss.',
        cadence: 'Einmal in der Woche',
      },
    },
  },
  {
    slug: 'jobs',
    maxIssues: 2,
    perDays: 7,
    words: {
      en: {
        name: 'Jobs',
        description: 'Work in publishing, libraries and quiet technology. Every post names the pay.',
        cadence: 'At most twice a week',
      },
      de: {
        name: 'Jobs',
        description: 'Stellen in Verlagen, Bibliotheken und stiller Technik. Jede Anzeige nennt das Gehalt.',
        cadence: 'Höchstens zweimal in der Woche',
      },
    },
  },
  {
    slug: 'field-notes',
    maxIssues: 1,
    perDays: 30,
    words: {
      en: {
        name: 'Field Notes',
        description: 'A long report from one place where people guard their attention.',
        cadence: 'Once a month',
      },
      de: {
        name: 'Field Notes',
        description: 'Eine lange Reportage von einem Ort, an dem Menschen ihre Aufmerksamkeit hüten.',
        cadence: 'Einmal im Monat',
      },
    },
  },
]
