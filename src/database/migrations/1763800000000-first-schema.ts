// The first schema. Written as plain SQL: what runs in production is read here, not derived.
import type { MigrationInterface, QueryRunner } from 'typeorm'

const tables = [
  `CREATE TABLE api_key (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    name varchar(100) NOT NULL,
    key_hash binary(32) NOT NULL,
    scopes text NOT NULL,
    created_at datetime(3) NOT NULL,
    expires_at datetime(3) NOT NULL,
    last_used_at datetime(3) NULL,
    revoked_at datetime(3) NULL,
    UNIQUE INDEX UQ_api_key_hash (key_hash),
    UNIQUE INDEX UQ_api_key_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE audit_event (
    id bigint UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    at datetime(3) NOT NULL,
    actor varchar(60) NOT NULL,
    role varchar(12) NOT NULL,
    action varchar(40) NOT NULL,
    target varchar(60) NULL,
    reason varchar(500) NULL,
    request_id uuid NULL,
    UNIQUE INDEX UQ_audit_event_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE consent (
    purpose_id int UNSIGNED NOT NULL,
    reader_id int UNSIGNED NOT NULL,
    state enum('ConsentGiven', 'RenewedConsentGiven', 'ConsentUnknown', 'ConsentRequested', 'ConsentRequestDeferred', 'ConsentRefused', 'ConsentWithdrawn', 'ConsentRevoked', 'ConsentExpired', 'ConsentInvalidated') NOT NULL,
    purpose_version_id int UNSIGNED NOT NULL,
    policy_version_id int UNSIGNED NOT NULL,
    policy_number int UNSIGNED NOT NULL,
    changed_at datetime(3) NOT NULL,
    given_at datetime(3) NULL,
    ended_at datetime(3) NULL,
    expires_at datetime(3) NULL,
    frequency enum('EVERY_ISSUE', 'AT_MOST_WEEKLY', 'AT_MOST_MONTHLY') NOT NULL DEFAULT 'EVERY_ISSUE',
    INDEX IX_consent_reader (reader_id),
    PRIMARY KEY (purpose_id, reader_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE consent_event (
    id bigint UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    principal uuid NOT NULL,
    position int UNSIGNED NOT NULL,
    previous_hash binary(32) NOT NULL,
    hash binary(32) NOT NULL,
    record_version tinyint UNSIGNED NOT NULL,
    purpose_id int UNSIGNED NOT NULL,
    from_state enum('ConsentGiven', 'RenewedConsentGiven', 'ConsentUnknown', 'ConsentRequested', 'ConsentRequestDeferred', 'ConsentRefused', 'ConsentWithdrawn', 'ConsentRevoked', 'ConsentExpired', 'ConsentInvalidated') NOT NULL,
    to_state enum('ConsentGiven', 'RenewedConsentGiven', 'ConsentUnknown', 'ConsentRequested', 'ConsentRequestDeferred', 'ConsentRefused', 'ConsentWithdrawn', 'ConsentRevoked', 'ConsentExpired', 'ConsentInvalidated') NOT NULL,
    purpose_version_id int UNSIGNED NOT NULL,
    wording_hash binary(32) NOT NULL,
    policy_version_id int UNSIGNED NOT NULL,
    policy_hash binary(32) NOT NULL,
    surface enum('WEB_FORM', 'MOBILE_APP', 'COOKIE_BANNER', 'COOKIE_PAGE', 'PREFERENCE_PAGE', 'CONFIRM_PAGE', 'ONE_CLICK_HEADER', 'STAFF', 'IMPORT') NOT NULL,
    method enum('ACCEPT_ALL', 'REJECT_ALL', 'SAVE_CHOICES', 'SINGLE_TOGGLE', 'CONFIRM_LINK', 'ONE_CLICK', 'BROWSER_SIGNAL', 'COMPLAINT') NOT NULL,
    actor varchar(12) NOT NULL,
    at datetime(3) NOT NULL,
    evidence varchar(1000) NOT NULL,
    UNIQUE INDEX UQ_consent_event_chain (principal, position),
    UNIQUE INDEX UQ_consent_event_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE delivery (
    newsletter_id int UNSIGNED NOT NULL,
    reader_id int UNSIGNED NOT NULL,
    status enum('queued', 'sending', 'sent', 'failed', 'unknown', 'skipped', 'cancelled') NOT NULL,
    skip_reason enum('NO_CONSENT', 'CONSENT_PENDING', 'CONSENT_WITHDRAWN', 'RECONSENT_REQUIRED', 'PAUSED', 'FREQUENCY_CAP', 'SUPPRESSED_BOUNCE', 'SUPPRESSED_COMPLAINT', 'SUPPRESSED_UNSUBSCRIBED', 'SUPPRESSED_MANUAL', 'ERASED', 'INVALID_ADDRESS', 'RESTRICTED', 'CONSENT_EXPIRED', 'WINDOW_CLOSED', 'DUPLICATE', 'AUDIENCE_FILTER', 'LOCALE_MISSING', 'RENDER_ERROR') NULL,
    attempts tinyint UNSIGNED NOT NULL DEFAULT '0',
    fence int UNSIGNED NULL,
    at datetime(3) NOT NULL,
    smtp_status varchar(12) NULL,
    diagnostic varchar(250) NULL,
    PRIMARY KEY (newsletter_id, reader_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE delivery_chunk (
    newsletter_id int UNSIGNED NOT NULL,
    after_reader_id int UNSIGNED NOT NULL,
    to_reader_id int UNSIGNED NOT NULL,
    PRIMARY KEY (newsletter_id, after_reader_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE delivery_decision (
    id bigint UNSIGNED NOT NULL AUTO_INCREMENT,
    newsletter_id int UNSIGNED NOT NULL,
    reader_id int UNSIGNED NOT NULL,
    staff_id int UNSIGNED NOT NULL,
    from_status enum('queued', 'sending', 'sent', 'failed', 'unknown', 'skipped', 'cancelled') NOT NULL,
    to_status enum('queued', 'sending', 'sent', 'failed', 'unknown', 'skipped', 'cancelled') NOT NULL,
    reason varchar(500) NOT NULL,
    at datetime(3) NOT NULL,
    INDEX IX_delivery_decision_delivery (newsletter_id, reader_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE delivery_range (
    newsletter_id int UNSIGNED NOT NULL,
    from_reader_id int UNSIGNED NOT NULL,
    to_reader_id int UNSIGNED NOT NULL,
    fence int UNSIGNED NOT NULL DEFAULT '0',
    lease_until datetime(3) NULL,
    done_at datetime(3) NULL,
    PRIMARY KEY (newsletter_id, from_reader_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE delivery_retry (
    newsletter_id int UNSIGNED NOT NULL,
    reader_id int UNSIGNED NOT NULL,
    due_at datetime(3) NOT NULL,
    first_tried_at datetime(3) NOT NULL,
    fence int UNSIGNED NOT NULL DEFAULT '0',
    lease_until datetime(3) NULL,
    INDEX IX_delivery_retry_due (newsletter_id, due_at),
    PRIMARY KEY (newsletter_id, reader_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE epoch (
    id uuid NOT NULL,
    generation int UNSIGNED NOT NULL,
    started_at datetime(3) NOT NULL,
    ended_at datetime(3) NULL,
    reason varchar(500) NULL,
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE lease (
    role varchar(40) NOT NULL,
    holder varchar(60) NOT NULL,
    until datetime(3) NOT NULL,
    PRIMARY KEY (role)
  ) ENGINE=InnoDB`,
  `CREATE TABLE staff_attempt (
    subject binary(32) NOT NULL,
    attempts int UNSIGNED NOT NULL,
    since datetime(3) NOT NULL,
    INDEX IX_staff_attempt_since (since),
    PRIMARY KEY (subject)
  ) ENGINE=InnoDB`,
  `CREATE TABLE staff_recovery_code (
    staff_id int UNSIGNED NOT NULL,
    code_hash binary(32) NOT NULL,
    PRIMARY KEY (staff_id, code_hash)
  ) ENGINE=InnoDB`,
  `CREATE TABLE staff_user (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    address_hash binary(32) NOT NULL,
    email_sealed varbinary(320) NOT NULL,
    name_sealed varbinary(500) NOT NULL,
    key_id tinyint UNSIGNED NOT NULL,
    role enum('AUTHOR', 'PUBLISHER', 'ADMIN') NOT NULL,
    password_hash varchar(200) NULL,
    password_changed_at datetime(3) NULL,
    totp_sealed varbinary(100) NULL,
    totp_key_id tinyint UNSIGNED NULL,
    totp_step int UNSIGNED NULL,
    totp_confirmed_at datetime(3) NULL,
    confirmed_at datetime(3) NULL,
    disabled_at datetime(3) NULL,
    last_seen_at datetime(3) NULL,
    created_at datetime(3) NOT NULL,
    UNIQUE INDEX UQ_staff_user_address (address_hash),
    UNIQUE INDEX UQ_staff_user_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE purpose (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    \`key\` varchar(80) NOT NULL,
    kind enum('NEWSLETTER_TOPIC', 'PERSONALISATION', 'ANALYTICS_COOKIES', 'ADVERTISING_COOKIES', 'THIRD_PARTY_PROCESSING') NOT NULL,
    current_version int UNSIGNED NOT NULL,
    UNIQUE INDEX UQ_purpose_key (\`key\`),
    UNIQUE INDEX UQ_purpose_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE topic (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    slug varchar(60) NOT NULL,
    purpose_id int UNSIGNED NOT NULL,
    max_issues smallint UNSIGNED NOT NULL,
    per_days smallint UNSIGNED NOT NULL,
    created_at datetime(3) NOT NULL,
    UNIQUE INDEX UQ_topic_purpose (purpose_id),
    UNIQUE INDEX UQ_topic_slug (slug),
    UNIQUE INDEX UQ_topic_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE newsletter (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    reference binary(6) NOT NULL,
    version int UNSIGNED NOT NULL DEFAULT '1',
    title varchar(200) NOT NULL,
    topic_id int UNSIGNED NOT NULL,
    author_id int UNSIGNED NOT NULL,
    status enum('DRAFT', 'IN_REVIEW', 'SCHEDULED', 'SENDING', 'PAUSED', 'SENT', 'CANCELLED', 'FAILED') NOT NULL,
    pause_reason enum('MANUAL', 'LATE', 'RESTORED', 'SITE_STOPPED', 'REDIS_AWAY', 'BOUNCE_RATE', 'COMPLAINT_RATE', 'UNSUBSCRIBE_RATE', 'BLOCK_RATE', 'CANARY', 'AUTH', 'PROVIDER_ERROR', 'RENDER_ERROR') NULL,
    pause_detail varchar(500) NULL,
    send_at datetime(3) NULL,
    expires_at datetime(3) NULL,
    time_zone varchar(60) NULL,
    approved_hash binary(32) NULL,
    schedule_key binary(32) NULL,
    started_at datetime(3) NULL,
    token_key_id tinyint UNSIGNED NULL,
    expanded_at datetime(3) NULL,
    expanded_until int UNSIGNED NOT NULL DEFAULT '0',
    finished_at datetime(3) NULL,
    saved_by_id int UNSIGNED NOT NULL,
    updated_at datetime(3) NOT NULL,
    created_at datetime(3) NOT NULL,
    UNIQUE INDEX UQ_newsletter_idempotency (schedule_key),
    INDEX IX_newsletter_status (status, send_at),
    UNIQUE INDEX UQ_newsletter_reference (reference),
    UNIQUE INDEX UQ_newsletter_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE newsletter_content (
    newsletter_id int UNSIGNED NOT NULL,
    locale varchar(20) NOT NULL,
    subject varchar(200) NOT NULL,
    preheader varchar(200) NULL,
    mjml mediumtext NOT NULL,
    text mediumtext NOT NULL,
    PRIMARY KEY (newsletter_id, locale)
  ) ENGINE=InnoDB`,
  `CREATE TABLE newsletter_rendition (
    newsletter_id int UNSIGNED NOT NULL,
    locale varchar(20) NOT NULL,
    subject varchar(200) NOT NULL,
    preheader varchar(200) NULL,
    html mediumtext NOT NULL,
    text mediumtext NOT NULL,
    PRIMARY KEY (newsletter_id, locale)
  ) ENGINE=InnoDB`,
  `CREATE TABLE notice (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    kind enum('confirmation', 'newsletter-test', 'staff-invitation', 'staff-reset') NOT NULL,
    state enum('queued', 'sending', 'sent', 'failed', 'unknown', 'cancelled') NOT NULL,
    address_hash binary(32) NOT NULL,
    registration_id int UNSIGNED NULL,
    staff_id int UNSIGNED NULL,
    newsletter_id int UNSIGNED NULL,
    locale varchar(20) NOT NULL,
    is_resend tinyint NOT NULL DEFAULT 0,
    content_hash binary(32) NULL,
    attempts tinyint UNSIGNED NOT NULL DEFAULT '0',
    fence int UNSIGNED NOT NULL DEFAULT '0',
    lease_until datetime(3) NULL,
    due_at datetime(3) NOT NULL,
    at datetime(3) NOT NULL,
    created_at datetime(3) NOT NULL,
    outcome varchar(40) NULL,
    diagnostic varchar(250) NULL,
    INDEX IX_notice_newsletter (newsletter_id),
    INDEX IX_notice_address (address_hash, state, at),
    INDEX IX_notice_registration (registration_id),
    INDEX IX_notice_due (state, due_at),
    UNIQUE INDEX UQ_notice_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE policy_version (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    number int UNSIGNED NOT NULL,
    locale varchar(20) NOT NULL,
    title varchar(200) NOT NULL,
    html mediumtext NOT NULL,
    hash binary(32) NOT NULL,
    change_summary varchar(2000) NULL,
    published_at datetime(3) NULL,
    effective_at datetime(3) NOT NULL,
    requires_reconsent tinyint NOT NULL,
    UNIQUE INDEX UQ_policy_version (number, locale),
    UNIQUE INDEX UQ_policy_version_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE purpose_version (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    purpose_id int UNSIGNED NOT NULL,
    version int UNSIGNED NOT NULL,
    locale varchar(20) NOT NULL,
    title varchar(200) NOT NULL,
    description varchar(2000) NOT NULL,
    cadence varchar(200) NULL,
    wording_hash binary(32) NOT NULL,
    created_at datetime(3) NOT NULL,
    UNIQUE INDEX UQ_purpose_version (purpose_id, version, locale),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE reader (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    reference binary(10) NOT NULL,
    address_hash binary(32) NULL,
    email_sealed varbinary(320) NULL,
    name_sealed varbinary(500) NULL,
    key_id tinyint UNSIGNED NOT NULL,
    domain varchar(255) NOT NULL,
    locale varchar(20) NOT NULL,
    time_zone varchar(60) NULL,
    version int UNSIGNED NOT NULL DEFAULT '1',
    gates int UNSIGNED NOT NULL DEFAULT '0',
    paused_until datetime(3) NULL,
    restricted_at datetime(3) NULL,
    invalid_at datetime(3) NULL,
    erased_at datetime(3) NULL,
    confirmed_at datetime(3) NOT NULL,
    created_at datetime(3) NOT NULL,
    UNIQUE INDEX UQ_reader_address (address_hash),
    UNIQUE INDEX UQ_reader_reference (reference),
    UNIQUE INDEX UQ_reader_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE reader_send (
    reader_id int UNSIGNED NOT NULL,
    newsletter_id int UNSIGNED NOT NULL,
    purpose_id int UNSIGNED NOT NULL,
    at datetime(3) NOT NULL,
    PRIMARY KEY (reader_id, newsletter_id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE registration (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    reference binary(16) NOT NULL,
    address_hash binary(32) NOT NULL,
    email_sealed varbinary(320) NULL,
    name_sealed varbinary(500) NULL,
    key_id tinyint UNSIGNED NOT NULL,
    locale varchar(20) NOT NULL,
    time_zone varchar(60) NULL,
    policy_version_id int UNSIGNED NOT NULL,
    decisions text NOT NULL,
    surface varchar(20) NOT NULL,
    age_passed tinyint UNSIGNED NOT NULL,
    idempotency_hash binary(32) NOT NULL,
    request_hash binary(32) NOT NULL,
    created_at datetime(3) NOT NULL,
    expires_at datetime(3) NOT NULL,
    confirmed_at datetime(3) NULL,
    reader_id int UNSIGNED NULL,
    INDEX IX_registration_expires (expires_at),
    INDEX IX_registration_address (address_hash, created_at),
    UNIQUE INDEX UQ_registration_idempotency (idempotency_hash),
    UNIQUE INDEX UQ_registration_reference (reference),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE send_day (
    day date NOT NULL,
    bucket varchar(255) NOT NULL,
    used int UNSIGNED NOT NULL,
    PRIMARY KEY (day, bucket)
  ) ENGINE=InnoDB`,
  `CREATE TABLE site (
    id tinyint UNSIGNED NOT NULL,
    name varchar(100) NOT NULL,
    contact varchar(254) NOT NULL,
    locales varchar(200) NOT NULL,
    stopped_at datetime(3) NULL,
    stop_reason varchar(500) NULL,
    max_per_day smallint UNSIGNED NOT NULL DEFAULT '1',
    max_per_week smallint UNSIGNED NOT NULL DEFAULT '3',
    max_per_month smallint UNSIGNED NOT NULL DEFAULT '8',
    held_at datetime(3) NULL,
    held_reason varchar(500) NULL,
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
  `CREATE TABLE staff_session (
    token_hash binary(32) NOT NULL,
    public_id uuid NOT NULL,
    staff_id int UNSIGNED NOT NULL,
    transport enum('COOKIE', 'BEARER') NOT NULL,
    created_at datetime(3) NOT NULL,
    last_used_at datetime(3) NOT NULL,
    expires_at datetime(3) NOT NULL,
    proven_at datetime(3) NOT NULL,
    INDEX IX_staff_session_expires (expires_at),
    INDEX IX_staff_session_staff (staff_id),
    PRIMARY KEY (token_hash)
  ) ENGINE=InnoDB`,
  `CREATE TABLE suppression (
    id int UNSIGNED NOT NULL AUTO_INCREMENT,
    public_id uuid NOT NULL,
    address_hash binary(32) NOT NULL,
    reason enum('HARD_BOUNCE', 'COMPLAINT', 'UNSUBSCRIBED_ALL', 'ERASED', 'MANUAL') NOT NULL,
    newsletter_id int UNSIGNED NULL,
    note varchar(500) NULL,
    created_at datetime(3) NOT NULL,
    UNIQUE INDEX UQ_suppression_address (address_hash, reason),
    UNIQUE INDEX UQ_suppression_public (public_id),
    PRIMARY KEY (id)
  ) ENGINE=InnoDB`,
]

const foreignKeys = [
  `ALTER TABLE topic ADD CONSTRAINT FK_topic_purpose FOREIGN KEY (purpose_id) REFERENCES purpose(id) ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE newsletter ADD CONSTRAINT FK_newsletter_topic FOREIGN KEY (topic_id) REFERENCES topic(id) ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE newsletter ADD CONSTRAINT FK_newsletter_author FOREIGN KEY (author_id) REFERENCES staff_user(id) ON DELETE NO ACTION ON UPDATE NO ACTION`,
  `ALTER TABLE newsletter_content ADD CONSTRAINT FK_newsletter_content_newsletter FOREIGN KEY (newsletter_id) REFERENCES newsletter(id) ON DELETE CASCADE ON UPDATE NO ACTION`,
  `ALTER TABLE purpose_version ADD CONSTRAINT FK_purpose_version_purpose FOREIGN KEY (purpose_id) REFERENCES purpose(id) ON DELETE NO ACTION ON UPDATE NO ACTION`,
]

/** Events are evidence: nobody changes or removes one, not even the account that owns the tables (I8). */
const triggers = [
  `CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit events are append-only'`,
  `CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit events are append-only'`,
  `CREATE TRIGGER consent_event_no_update BEFORE UPDATE ON consent_event FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'consent events are append-only'`,
  `CREATE TRIGGER consent_event_no_delete BEFORE DELETE ON consent_event FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'consent events are append-only'`,
]

export class FirstSchema1763800000000 implements MigrationInterface {
  name = 'FirstSchema1763800000000'

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...tables, ...foreignKeys, ...triggers]) await runner.query(sql)
  }

  /** A first schema has nothing before it to go back to. */
  down(): Promise<void> {
    return Promise.reject(new Error('The first schema cannot be reverted'))
  }
}
