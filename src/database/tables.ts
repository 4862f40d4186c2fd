// Every table of the product, and what the runtime account may do with it. Written by hand: a new table is a decision.
import { Agreement } from '../entities/agreement'
import { ApiKey } from '../entities/api-key'
import { AuditEvent } from '../entities/audit-event'
import { Consent } from '../entities/consent'
import { ConsentEvent } from '../entities/consent-event'
import { ConsentTerms } from '../entities/consent-terms'
import { DataExport } from '../entities/data-export'
import { DataRequest } from '../entities/data-request'
import { Delivery } from '../entities/delivery'
import { DeliveryChunk } from '../entities/delivery-chunk'
import { DeliveryCount } from '../entities/delivery-count'
import { DeliveryDecision } from '../entities/delivery-decision'
import { DeliveryRange } from '../entities/delivery-range'
import { DeliveryRetry } from '../entities/delivery-retry'
import { DirectoryLink } from '../entities/directory-link'
import { DisclosedReader, Disclosure } from '../entities/disclosure'
import { EmailChange } from '../entities/email-change'
import { Epoch } from '../entities/epoch'
import { ImportJob } from '../entities/import-job'
import { ImportReject } from '../entities/import-reject'
import { LawfulDisclosure } from '../entities/lawful-disclosure'
import { Lease } from '../entities/lease'
import { LedgerCheckpoint } from '../entities/ledger-checkpoint'
import { LinkFeedback } from '../entities/link-feedback'
import { Newsletter } from '../entities/newsletter'
import { NewsletterContent } from '../entities/newsletter-content'
import { NewsletterLink } from '../entities/newsletter-link'
import { NewsletterRendition } from '../entities/newsletter-rendition'
import { Notice } from '../entities/notice'
import { PolicyDraft } from '../entities/policy-draft'
import { PolicyVersion } from '../entities/policy-version'
import { Processor, ProcessorPurpose } from '../entities/processor'
import { ErasureNotice, ProcessorReader } from '../entities/processor-reader'
import { Purpose } from '../entities/purpose'
import { PurposeVersion } from '../entities/purpose-version'
import { Reader } from '../entities/reader'
import { ReaderCode } from '../entities/reader-code'
import { ReaderSend } from '../entities/reader-send'
import { ReaderSession } from '../entities/reader-session'
import { Registration } from '../entities/registration'
import { Renewal } from '../entities/renewal'
import { RetentionRun } from '../entities/retention-run'
import { SendDay } from '../entities/send-day'
import { Site } from '../entities/site'
import { StaffAttempt } from '../entities/staff-attempt'
import { StaffRecoveryCode } from '../entities/staff-recovery-code'
import { StaffSession } from '../entities/staff-session'
import { StaffUser } from '../entities/staff-user'
import { StatCell } from '../entities/stat-cell'
import { Suppression } from '../entities/suppression'
import { Tombstone } from '../entities/tombstone'
import { TombstoneEvent } from '../entities/tombstone-event'
import { Topic } from '../entities/topic'

/** Rows may be added and never changed or removed: evidence. */
const APPEND_ONLY = 'SELECT, INSERT'
/** Rows are changed but stay. */
const KEPT = 'SELECT, INSERT, UPDATE'
/** Rows also go: leftovers, sessions, what a reader or the law wants gone. */
const FREE = 'SELECT, INSERT, UPDATE, DELETE'
/** Evidence that goes when its time is over. */
const ENDS = 'SELECT, INSERT, DELETE'

/** What was asked stays as it was written; what becomes of it is added. The words that may quote a person go with them. */
const DECIDED_ONCE = `SELECT, INSERT, DELETE, UPDATE (${[
  ...['approved_by_id', 'approved_at', 'handed_out_by_id', 'handed_out_at', 'extract_hash'],
  ...['told_at', 'notice_id', 'scope', 'silence_reason'],
].join(', ')})`

export const grants = new Map<new () => object, string>([
  [Site, KEPT],
  [ApiKey, KEPT],
  [AuditEvent, APPEND_ONLY],
  [StaffUser, KEPT],
  [StaffSession, FREE],
  [StaffAttempt, FREE],
  [StaffRecoveryCode, FREE],
  [Purpose, KEPT],
  [PurposeVersion, APPEND_ONLY],
  [Topic, KEPT],
  [PolicyVersion, APPEND_ONLY],
  [PolicyDraft, FREE],
  [Reader, KEPT],
  [ReaderCode, FREE],
  [EmailChange, FREE],
  [ReaderSend, FREE],
  [ReaderSession, FREE],
  [Registration, FREE],
  [Consent, FREE],
  [ConsentEvent, APPEND_ONLY],
  [ConsentTerms, APPEND_ONLY],
  [LedgerCheckpoint, APPEND_ONLY],
  [Tombstone, APPEND_ONLY],
  [TombstoneEvent, APPEND_ONLY],
  [DataRequest, FREE],
  [DataExport, FREE],
  [Suppression, FREE],
  [ImportJob, FREE],
  [ImportReject, 'SELECT, INSERT, DELETE'],
  [Processor, KEPT],
  [ProcessorPurpose, FREE],
  [Agreement, APPEND_ONLY],
  [Disclosure, ENDS],
  [DisclosedReader, ENDS],
  [ProcessorReader, FREE],
  [LawfulDisclosure, DECIDED_ONCE],
  [ErasureNotice, FREE],
  [DirectoryLink, KEPT],
  [LinkFeedback, ENDS],
  [Newsletter, FREE],
  [NewsletterContent, FREE],
  [NewsletterRendition, KEPT],
  [NewsletterLink, APPEND_ONLY],
  [Delivery, KEPT],
  [DeliveryChunk, FREE],
  [DeliveryCount, 'SELECT'],
  [DeliveryDecision, APPEND_ONLY],
  [DeliveryRange, KEPT],
  [DeliveryRetry, FREE],
  [Notice, FREE],
  [Renewal, FREE],
  [Lease, KEPT],
  [SendDay, FREE],
  [StatCell, FREE],
  [Epoch, KEPT],
  [RetentionRun, KEPT],
])

export const entities = [...grants.keys()]
