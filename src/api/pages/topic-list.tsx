import type { VNode } from 'preact'

/** A topic as pages show it: its name and how often it comes, both as shown when consent is asked. */
export interface TopicLine {
  title: string
  cadence: string | null
}

/** Topics with their cadence, one per line. */
export function TopicList({ topics }: { topics: readonly TopicLine[] }): VNode | null {
  if (topics.length === 0) return null
  return (
    <ul class="topic-list">
      {topics.map(topic => (
        <li key={topic.title}>
          <strong>{topic.title}</strong>
          {topic.cadence && <span class="cadence">{topic.cadence}</span>}
        </li>
      ))}
    </ul>
  )
}
