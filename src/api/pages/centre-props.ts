// What the reader's own page shows.
import type { FieldError } from './form-parts'
import type { PageFrame } from './layout'
import type { Done } from './preferences-page'
import type { TopicSetting } from './topic-form'

export interface PurposeSetting {
  key: string
  version: number
  title: string
  description: string
  isOn: boolean
}

export interface CentrePageProps extends PageFrame {
  email: string
  name: string | null
  language: string
  locales: readonly string[]
  timeZone: string | null
  pausedUntil: Date | null
  topics: readonly TopicSetting[]
  purposes: readonly PurposeSetting[]
  policyVersion: string
  done?: Done
  errors: readonly FieldError[]
}
