// The words of the demo issue. People, places and figures are made up.

export interface IssueWords {
  locale: 'en' | 'de'
  subject: string
  preheader: string
  issue: string
  greeting: string
  essay: readonly string[]
  readOn: string
  poll: { title: string; note: string; answers: readonly { label: string; percent: number }[] }
  brief: { title: string; items: readonly { title: string; text: string; path: string; site?: string }[] }
  exercise: { title: string; text: string; link: string }
  goodbye: string
  signature: string
}

/** Somebody else's site: links to it are marked. */
const LIBRARY = 'https://harbour-library.example'

export const englishIssue: IssueWords = {
  locale: 'en',
  subject: 'The case for the good interruption',
  preheader: 'Why a kettle beats a red dot, three short pieces, and one thing to try this week.',
  issue: 'Weekly, No. 214',
  greeting: 'Good morning, {{name|reader}}.',
  essay: [
    'A kettle does not ask whether this is a good time. It boils, it whistles, you get up. Two minutes later you are back at the table with a cup in your hand and, often enough, with the sentence you could not find before.',
    'Compare that with the small red dot. The dot never comes to the boil. It has no end and brings no tea. It only says that somewhere something may have happened, and that you are the one who has not looked yet.',
    'This autumn we asked which interruptions you would keep if you could keep only one kind. Hardly anyone named a screen. What you named instead had three things in common: it arrives, it says what it wants, and it leaves again.',
  ],
  readOn: 'Read the whole essay',
  poll: {
    title: 'The one you would keep',
    note: '412 readers answered, on paper and by hand.',
    answers: [
      { label: 'Somebody at the door', percent: 38 },
      { label: 'The weather', percent: 24 },
      { label: 'A child with a question', percent: 19 },
      { label: 'Bells and kettles', percent: 17 },
      { label: 'A screen', percent: 2 },
    ],
  },
  brief: {
    title: 'In brief',
    items: [
      {
        title: 'The library that rings',
        text: 'A reading room by the harbour keeps telephones in a drawer and rings a brass bell on the hour. People stay longer than they used to.',
        ...{ path: 'reading-room', site: LIBRARY },
      },
      {
        title: 'Silence, written down',
        text: 'Composers mark the bars in which nobody plays. A conductor explains why those are the hardest to rehearse.',
        path: 'silence',
      },
      {
        title: 'Post at nine and at four',
        text: 'When letters came twice a day, everyone knew when to stop waiting. A short history of the second delivery.',
        path: 'post',
      },
    ],
  },
  exercise: {
    title: 'One thing to try',
    text: 'Choose one hour this week and one interruption that is allowed in it. Put everything else in another room. Write down who came.',
    link: 'Tell us how it went',
  },
  goodbye: 'That is all for this week. May only good things interrupt you.',
  signature: 'Mara Lind and Jonas Okafor',
}

export const germanIssue: IssueWords = {
  locale: 'de',
  subject: 'Ein Lob der guten Unterbrechung',
  preheader: 'Was der Kessel dem roten Punkt voraushat, drei kurze Stücke und eine Sache zum Ausprobieren.',
  issue: 'Weekly, Nr. 214',
  greeting: 'Guten Morgen {{name|zusammen}}.',
  essay: [
    'Ein Wasserkessel fragt nicht, ob es gerade passt. Er kocht, er pfeift, man steht auf. Zwei Minuten später sitzt man wieder am Tisch, die Tasse in der Hand und oft genug mit dem Satz im Kopf, der vorher nicht kommen wollte.',
    'Anders der kleine rote Punkt. Er kommt nie zum Kochen. Er hat kein Ende und bringt keinen Tee. Er sagt nur, dass irgendwo etwas geschehen sein könnte und dass man selbst noch nicht nachgesehen hat.',
    'Im Herbst haben wir gefragt, welche Unterbrechungen Sie behalten würden, wenn es nur eine Art sein dürfte. Kaum jemand nannte einen Bildschirm. Was Sie nannten, hat dreierlei gemeinsam: Es kommt, es sagt, was es will, und es geht wieder.',
  ],
  readOn: 'Den ganzen Essay lesen',
  poll: {
    title: 'Die eine, die bleiben darf',
    note: '412 Leserinnen und Leser haben geantwortet, von Hand auf Papier.',
    answers: [
      { label: 'Jemand an der Tür', percent: 38 },
      { label: 'Das Wetter', percent: 24 },
      { label: 'Ein Kind mit einer Frage', percent: 19 },
      { label: 'Glocken und Kessel', percent: 17 },
      { label: 'Ein Bildschirm', percent: 2 },
    ],
  },
  brief: {
    title: 'Kurz gesagt',
    items: [
      {
        title: 'Die Bibliothek, die läutet',
        text: 'Ein Lesesaal am Hafen legt Telefone in die Schublade und läutet zur vollen Stunde eine Messingglocke. Die Leute bleiben länger als früher.',
        ...{ path: 'reading-room', site: LIBRARY },
      },
      {
        title: 'Stille nach Noten',
        text: 'Auch die Takte, in denen niemand spielt, stehen in der Partitur. Eine Dirigentin erklärt, warum sie am schwersten zu proben sind.',
        path: 'silence',
      },
      {
        title: 'Post um neun und um vier',
        text: 'Als Briefe zweimal am Tag kamen, wusste man, wann das Warten ein Ende hat. Kleine Geschichte der zweiten Zustellung.',
        path: 'post',
      },
    ],
  },
  exercise: {
    title: 'Zum Ausprobieren',
    text: 'Wählen Sie in dieser Woche eine Stunde und eine Unterbrechung, die darin erlaubt ist. Alles andere kommt in ein anderes Zimmer. Schreiben Sie auf, wer da war.',
    link: 'Erzählen Sie uns davon',
  },
  goodbye: 'Das war es für diese Woche. Mögen nur gute Dinge Sie unterbrechen.',
  signature: 'Mara Lind und Jonas Okafor',
}
