// What is no personal data, column by column: read it before you add to it. A new column of a table about people, and one
// of any table that could hold words or bytes, is either here or declared with @Personal; `npm run check` asks.

/** By table: properties that say nothing about a person. */
export const notPersonal: Readonly<Record<string, string>> = {
  // Numbers of rows and of the row they belong to, versions, counters, claims.
  consent: 'readerId',
  data_export: 'requestId readerId keyId expiresAt',
  data_request:
    'id publicId readerId isChild dueAt noticeId reference keyId tries downloadExpiresAt fence leaseUntil',
  delivery: 'readerId fence',
  delivery_count: 'skipReason',
  delivery_decision: 'id readerId',
  delivery_retry: 'readerId fence leaseUntil',
  lawful_disclosure: 'id publicId readerId noticeId extractHash ticket keyId authority basis fileNumber',
  lease: 'role holder',
  reader: 'id keyId version gates',
  reader_send: 'readerId',
  retention_run: 'rule',
  suppression: 'id publicId',
  // Hashes and random numbers of links, tokens, codes and events: they open or prove something and name nobody.
  audit_event: 'id publicId',
  consent_event: 'id publicId position previousHash hash recordVersion',
  reader_code: 'noticeId reference keyId sessionId',
  reader_session: 'id readerId tokenHash tokenExpiresAt familyHash refreshHash',
  renewal: 'id reference keyId readerId noticeId',
  registration: 'id reference keyId idempotencyHash requestHash',
  // What signs and seals them. A tombstone's number leads nowhere: the events it stood for are gone.
  consent_terms: 'hash document',
  ledger_checkpoint: 'body signature chunks',
  tombstone: 'body signature',
  tombstone_event: 'hash',
  staff_recovery_code: 'staffId',
  staff_session: 'tokenHash',
  staff_user: 'id keyId totpKeyId',
  email_change: 'id readerId noticeId reference keyId',
  // How and when a mail is tried, and which newsletter a test was of.
  notice: 'id publicId newsletterId contentHash attempts fence leaseUntil dueAt',
  // What the site publishes, and what its programs are called.
  api_key: 'id publicId processorId name keyHash scopes createdAt expiresAt lastUsedAt revokedAt',
  agreement: 'documentHash',
  disclosure: 'dataCategories reason',
  directory_link:
    'id publicId url urlHash title description category processorId status checkedAt checkResult failures',
  link_feedback: 'id linkId day kind',
  disclosed_reader: 'disclosureId readerId',
  processor: 'name legalName country role dataCategories privacyPolicyUrl serviceHost',
  processor_reader: 'processorId readerId',
  newsletter:
    'id publicId reference version title topicId status pauseReason pauseDetail sendAt expiresAt timeZone approvedHash scheduleKey startedAt tokenKeyId expandedAt expandedUntil finishedAt updatedAt createdAt',
  newsletter_content: 'locale subject preheader mjml text',
  newsletter_link: 'id url',
  newsletter_rendition: 'locale subject preheader html text',
  policy_draft: 'locale title markdown changeSummary',
  policy_version: 'locale title html hash changeSummary',
  purpose: 'key',
  purpose_version: 'locale title description cadence wordingHash',
  topic: 'slug',
  // How far a file was read and why rows were refused: numbers, hashes and codes, and the file's name with addresses masked.
  import_job:
    'id publicId kind state ticketHash expiresAt fileName settings fence position rowsHash accepted unchanged rejected fileHash problem problemRow createdAt endedAt',
  import_reject: 'reason',
  // The operator's own facts and words about the site. The contact is the one that is published.
  epoch: 'reason',
  send_day: 'bucket',
  // A path or a place and how many people: nobody of them.
  stat_cell: 'label',
  site: 'name contact locales stopReason heldReason termsHash',
}

/** Tables with such a number of nobody who is a reader: staff, or those whose proof was deleted. */
export const notAboutReaders: readonly string[] = ['staff_user', 'tombstone', 'tombstone_event']
