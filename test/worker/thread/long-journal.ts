/** A journal as long as a test needs it: events like the first, one a commit. */

/** Adds events like the thread's first, up to a seq. */
export function fillJournal(sql: SqlStorage, last: number): void {
  sql.exec(
    `WITH RECURSIVE n(i) AS (
       SELECT max(seq) + 1 FROM journal UNION ALL SELECT i + 1 FROM n WHERE i < ?
     )
     INSERT INTO journal (seq, events)
     SELECT i, json_array(json_set(first.events -> '$[0]', '$.seq', i))
     FROM n, (SELECT events FROM journal LIMIT 1) AS first`,
    last,
  );
}
