// What the runtime account may remove only in this one way: it has no right to DELETE on these tables, the procedures run
// with those of their owner. `migrate` makes the ones that are missing (a dump need not hold them); a changed one needs a
// migration that drops it.

/** By the database's own clock, which no session can set as it can UTC_TIMESTAMP. */
const NOW = "CONVERT_TZ(SYSDATE(3), @@session.time_zone, '+00:00')"
/** standards §N: complaints and questions about a mail come up to 60 days later. */
const LEAST_SEND_LOG_DAYS = 60

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
  /** Removes the oldest audit events that are older than three years; the trigger refuses all others. */
  forget_audit_events: `(IN at_most int UNSIGNED)
    MODIFIES SQL DATA SQL SECURITY DEFINER
    BEGIN
      DELETE FROM audit_event WHERE at < ${NOW} - INTERVAL 3 YEAR ORDER BY id LIMIT at_most;
      SELECT ROW_COUNT() AS removed;
    END`,
}
