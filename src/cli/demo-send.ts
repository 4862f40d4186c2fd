// One newsletter through the staff API, as an editor's client would do it: write, check, schedule, watch.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { DemoIssue } from './demo-issues'
import { createProgressView, type Progress } from './demo-progress'
import type { Ask } from './graphql-client'
import { Problem } from './problem'

export interface SentNewsletter {
  id: string
  title: string
  progress: Progress
}

interface Draft {
  id: string
  version: number
  checklist: {
    ready: boolean
    contentHash: string
    items: { title: string; status: string; severity: string; detail: string | null }[]
  }
  audience: { estimate: { willReceive: number } }
}

const POLL_MS = 250
const STANDSTILL_MS = 60_000

const CREATE = `mutation ($input: NewsletterInput!) {
  newsletterCreate(input: $input) {
    newsletter {
      id version
      checklist { ready contentHash items { title status severity detail } }
      audience { estimate { willReceive } }
    }
    userErrors { code message field }
  }
}`
const SCHEDULE = `mutation ($id: ID!, $input: ScheduleInput!) {
  newsletterSchedule(id: $id, input: $input) { newsletter { status } userErrors { code message field } }
}`
const FOLLOW = `query ($id: ID!) {
  newsletter(id: $id) {
    status
    progress { total queued sending sent failed unknown cancelled skipped { reason count } pauseReason pauseDetail }
  }
}`

/** Sends the issue to its topic and shows how far it is; answers when it is finished. */
export async function sendIssue(ask: Ask, topicId: string, issue: DemoIssue): Promise<SentNewsletter> {
  const { title, contents } = issue
  const { newsletterCreate } = await ask<{ newsletterCreate: { newsletter: Draft } }>(CREATE, {
    input: { title, topicId, contents },
  })
  const draft = newsletterCreate.newsletter
  mustBeReady(draft)
  const expected = draft.audience.estimate.willReceive
  console.log(
    `  Checklist: ${draft.checklist.items.length} points, none blocks. ${expected} readers will get it.`,
  )
  await ask(SCHEDULE, {
    id: draft.id,
    input: {
      version: draft.version,
      // Not null: that would wait for the undo window.
      sendAt: new Date(Date.now() + 1000).toISOString(),
      timeZone: 'Europe/Berlin',
      confirmedRecipients: expected,
      checklistHash: draft.checklist.contentHash,
      idempotencyKey: randomUUID(),
    },
  })
  return { id: draft.id, title, progress: await follow(ask, draft.id) }
}

function mustBeReady({ checklist }: Draft): void {
  if (checklist.ready) return
  const blocking = checklist.items.filter(item => item.status !== 'PASS' && item.severity === 'BLOCKER')
  throw new Problem(
    `The checklist blocks the newsletter: ${blocking.map(item => `${item.title} ${item.detail ?? ''}`).join('; ')}`,
  )
}

async function follow(ask: Ask, id: string): Promise<Progress> {
  const view = createProgressView()
  let last = ''
  let lastChange = Date.now()
  try {
    for (;;) {
      const { newsletter } = await ask<{ newsletter: { status: string; progress: Progress | null } }>(
        FOLLOW,
        { id },
      )
      const { status, progress } = newsletter
      if (progress) view.show(progress)
      if (status === 'SENT' && progress) return progress
      if (!['SCHEDULED', 'SENDING'].includes(status))
        throw new Problem(
          `The newsletter is ${status} (${progress?.pauseReason ?? ''} ${progress?.pauseDetail ?? ''})`,
        )
      const state = JSON.stringify(newsletter)
      if (state !== last) lastChange = Date.now()
      last = state
      if (Date.now() - lastChange > STANDSTILL_MS)
        throw new Problem('Nothing has moved for a minute: is the worker running?')
      await pause(POLL_MS)
    }
  } finally {
    view.end()
  }
}
