// What may be done with a newsletter in each state, and by whom: clients draw their buttons from it.
import { registerEnumType } from 'type-graphql'
import { NewsletterStatus } from '../entities/newsletter'
import type { StaffRole } from '../entities/staff-user'
import { isAllowed } from './access'

export enum NewsletterAction {
  EDIT = 'EDIT',
  TEST = 'TEST',
  SCHEDULE = 'SCHEDULE',
  UNSCHEDULE = 'UNSCHEDULE',
  PAUSE = 'PAUSE',
  RESUME = 'RESUME',
  CANCEL = 'CANCEL',
}
registerEnumType(NewsletterAction, { name: 'NewsletterAction' })

const { EDIT, TEST, SCHEDULE, UNSCHEDULE, PAUSE, RESUME, CANCEL } = NewsletterAction

const byStatus: Record<NewsletterStatus, readonly NewsletterAction[]> = {
  DRAFT: [EDIT, TEST, SCHEDULE],
  IN_REVIEW: [],
  SCHEDULED: [TEST, UNSCHEDULE, CANCEL],
  SENDING: [PAUSE, CANCEL],
  PAUSED: [RESUME, CANCEL],
  SENT: [],
  CANCELLED: [],
  FAILED: [],
}

const authors: readonly NewsletterAction[] = [EDIT, TEST]

/** The actions of this state that this role may take. */
export const allowedActions = (status: NewsletterStatus, role: StaffRole | undefined): NewsletterAction[] =>
  byStatus[status].filter(action => isAllowed(role, authors.includes(action) ? 'AUTHOR' : 'PUBLISHER'))
