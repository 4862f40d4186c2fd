// What staff see of an import.
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { ImportJob } from '../entities/import-job'
import { JobStatus } from '../entities/job-status'
import type { FileReason, RowReason } from '../imports/problem'
import { message } from '../messages'
import { ErrorCode, UserError } from './user-errors'

@ObjectType('ImportReject', { description: 'Where and why; never what stood there.' })
export class ImportRejectView {
  @Field(() => Int, {
    description: 'As a spreadsheet counts: the header is row 1. Blank lines do not count.',
  })
  row!: number

  @Field(() => ErrorCode)
  code!: ErrorCode

  @Field(() => String)
  message!: string
}

@ObjectType('ImportJob')
export class ImportJobView {
  /** For the field resolver of `rejected`. */
  job!: ImportJob

  @Field(() => ID)
  id!: string

  @Field(() => JobStatus, {
    description:
      'QUEUED until the file comes; RUNNING also when it broke off: send it again; EXPIRED when it was not.',
  })
  status!: JobStatus

  @Field(() => String, { description: 'Addresses in it are masked.' })
  fileName!: string

  @Field(() => Int, { description: 'So many are done.' })
  rows!: number

  @Field(() => Int)
  accepted!: number

  @Field(() => Int, { description: 'They said what was known already.' })
  unchanged!: number

  @Field(() => Int)
  rejectedCount!: number

  @Field(() => ImportRejectView, { nullable: true, description: 'Why the file was given up.' })
  problem!: ImportRejectView | null

  @Field(() => String, { nullable: true, description: 'SHA-256 of the file, in hex; it is not kept itself.' })
  fileHash!: string | null

  @Field(() => Date)
  startedAt!: Date

  @Field(() => Date, { nullable: true })
  endedAt!: Date | null
}

@ObjectType()
export class ImportPayload {
  @Field(() => ImportJobView, { nullable: true })
  import!: ImportJobView | null

  @Field(() => String, { nullable: true, description: 'PUT the file there within 24 hours.' })
  uploadUrl!: string | null

  @Field(() => [UserError])
  userErrors: UserError[] = []
}

@InputType()
export class ImportInput {
  @Field(() => String)
  fileName!: string

  @Field(() => [String], {
    description:
      'The columns that hold, in this order, source, time and wording of the consent, and policy version if the file has one.',
  })
  evidenceColumns!: string[]

  @Field(() => String, { description: 'The version that was agreed to, where a row names none.' })
  policyVersion!: string

  @Field(() => [String], {
    nullable: true,
    description: 'For rows that name none; without it the file must have a column `topic`.',
  })
  topicSlugs?: string[] | null
}

export function importView(job: ImportJob, locale: string): ImportJobView {
  const { problem, problemRow } = job
  return {
    job,
    id: job.publicId,
    status: statusOf(job),
    fileName: job.fileName,
    rows: job.position,
    accepted: job.accepted,
    unchanged: job.unchanged,
    rejectedCount: job.rejected,
    problem: problem === null ? null : rejectView({ row: problemRow ?? 1, reason: problem }, locale),
    fileHash: job.fileHash?.toString('hex') ?? null,
    startedAt: job.createdAt,
    endedAt: job.endedAt,
  }
}

function statusOf({ state, expiresAt }: ImportJob): JobStatus {
  if (state === 'completed') return JobStatus.COMPLETED
  if (state === 'failed') return JobStatus.FAILED
  if (expiresAt <= new Date()) return JobStatus.EXPIRED
  return state === 'running' ? JobStatus.RUNNING : JobStatus.QUEUED
}

/** Whatever is not named here is INVALID. */
const codes: Partial<Record<RowReason | FileReason, ErrorCode>> = {
  suppressed: ErrorCode.SUPPRESSED,
  answered: ErrorCode.INVALID_STATE,
  blocked: ErrorCode.INVALID_STATE,
  'time-expired': ErrorCode.NOT_ELIGIBLE,
  'age-column': ErrorCode.NOT_ELIGIBLE,
  'email-missing': ErrorCode.REQUIRED,
  'name-long': ErrorCode.TOO_LONG,
  'row-long': ErrorCode.TOO_LONG,
  'file-large': ErrorCode.TOO_LONG,
  'source-missing': ErrorCode.EVIDENCE_MISSING,
  'time-missing': ErrorCode.EVIDENCE_MISSING,
  'wording-missing': ErrorCode.EVIDENCE_MISSING,
  'source-column': ErrorCode.EVIDENCE_MISSING,
  'time-column': ErrorCode.EVIDENCE_MISSING,
  'wording-column': ErrorCode.EVIDENCE_MISSING,
  'policy-column': ErrorCode.EVIDENCE_MISSING,
  policy: ErrorCode.NOT_FOUND,
  topic: ErrorCode.NOT_FOUND,
  'topic-missing': ErrorCode.REQUIRED,
  'topic-column': ErrorCode.REQUIRED,
  'email-column': ErrorCode.REQUIRED,
  empty: ErrorCode.REQUIRED,
}

export function rejectView(
  { row, reason }: { row: number; reason: string },
  locale: string,
): ImportRejectView {
  const known = reason as RowReason | FileReason
  return { row, code: codes[known] ?? ErrorCode.INVALID, message: message(locale, `import.${known}`) }
}
