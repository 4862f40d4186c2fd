// What the runtime account may remove only in this one way: it has no right to DELETE on these tables, the procedures run
// with those of their owner. `migrate` makes the ones that are missing (a dump need not hold them); a changed one needs a
// migration that drops it.

/** By the database's own clock, which no session can set as it can UTC_TIMESTAMP. */
const NOW = "CONVERT_TZ(SYSDATE(3), @@session.time_zone, '+00:00')"
/** standards §N: complaints and questions about a mail come up to 60 days later. */
const LEAST_SEND_LOG_DAYS = 60
/** standards §N. */
const LEAST_PROOF_YEARS = 3

export const procedures: Readonly<Record<string, string>> = {
  /**
   * Counts the next deliveries of a newsletter that was finished so many days ago, and removes them with the decisions
   * about them. Its row stays locked, so that nobody takes it up again meanwhile.
   */
  forget_deliveries: `(IN of_newsletter int UNSIGNED, IN kept_days int UNSIGNED, IN at_most int UNSIGNED)
    MODIFIES SQL DATA SQL SECURITY DEFINER
    BEGIN
      DECLARE is_over int DEFAULT 0;
      DECLARE last_reader int UNSIGNED;
      DECLARE removed int DEFAULT 0;
      SELECT COUNT(*) INTO is_over FROM newsletter WHERE id = of_newsletter
        AND finished_at < ${NOW} - INTERVAL GREATEST(kept_days, ${LEAST_SEND_LOG_DAYS}) DAY FOR UPDATE;
      IF is_over = 1 THEN
        SELECT MAX(reader_id) INTO last_reader FROM
          (SELECT reader_id FROM delivery WHERE newsletter_id = of_newsletter ORDER BY reader_id LIMIT at_most) AS batch;
        INSERT INTO delivery_count (newsletter_id, status, skip_reason, deliveries)
          SELECT newsletter_id, status, COALESCE(skip_reason, ''), COUNT(*) FROM delivery
          WHERE newsletter_id = of_newsletter AND reader_id <= last_reader GROUP BY status, skip_reason
          ON DUPLICATE KEY UPDATE deliveries = deliveries + VALUES(deliveries);
        DELETE FROM delivery WHERE newsletter_id = of_newsletter AND reader_id <= last_reader;
        SET removed = ROW_COUNT();
        DELETE FROM delivery_decision WHERE newsletter_id = of_newsletter AND reader_id <= last_reader;
        DELETE FROM delivery_range WHERE newsletter_id = of_newsletter AND to_reader_id <= last_reader;
      END IF;
      SELECT removed;
    END`,
  /** Removes what is left of one reader who was erased so many years ago, when no consent event is left. */
  forget_erased_reader: `(IN of_reader int UNSIGNED, IN kept_years int UNSIGNED)
    MODIFIES SQL DATA SQL SECURITY DEFINER
    BEGIN
      DELETE FROM reader WHERE id = of_reader
        AND erased_at < ${NOW} - INTERVAL GREATEST(kept_years, ${LEAST_PROOF_YEARS}) YEAR
        AND NOT EXISTS (SELECT 1 FROM consent_event WHERE principal = reader.public_id);
      SELECT ROW_COUNT() AS removed;
    END`,
  /** Removes the row of an erased child (standards K4), once a tombstone stands for its consent events. */
  forget_erased_child: `(IN of_reader int UNSIGNED)
    MODIFIES SQL DATA SQL SECURITY DEFINER
    BEGIN
      DELETE FROM reader WHERE id = of_reader AND erased_at IS NOT NULL
        AND EXISTS (SELECT 1 FROM tombstone WHERE principal = reader.public_id)
        AND NOT EXISTS (SELECT 1 FROM consent_event WHERE principal = reader.public_id);
      SELECT ROW_COUNT() AS removed;
    END`,
  /** Removes the oldest audit events that are older than three years; the trigger refuses all others. */
  forget_audit_events: `(IN at_most int UNSIGNED)
    MODIFIES SQL DATA SQL SECURITY DEFINER
    BEGIN
      DELETE FROM audit_event WHERE at < ${NOW} - INTERVAL 3 YEAR ORDER BY id LIMIT at_most;
      SELECT ROW_COUNT() AS removed;
    END`,
  /**
   * Deletes what the tombstone names, all of that reader's events and nothing else, with the projection of them. Whether
   * the tombstone's signature is good is not for SQL to say: `weinterrupt ledger verify` does.
   */
  delete_buried_events: `(IN buried int UNSIGNED)
    MODIFIES SQL DATA SQL SECURITY DEFINER
    BEGIN
      DECLARE whose uuid DEFAULT (SELECT principal FROM tombstone WHERE id = buried);
      DECLARE named int DEFAULT (SELECT COUNT(*) FROM tombstone_event WHERE tombstone_id = buried);
      DELETE e FROM tombstone_event t JOIN consent_event e ON e.id = t.event_id
        WHERE t.tombstone_id = buried AND e.principal = whose;
      IF named = 0 OR ROW_COUNT() <> named OR EXISTS (SELECT 1 FROM consent_event WHERE principal = whose) THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the tombstone does not name exactly the events of one reader';
      END IF;
      DELETE c FROM consent c JOIN reader r ON r.id = c.reader_id WHERE r.public_id = whose;
    END`,
}
