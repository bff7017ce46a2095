/** The places of a thread's runs that have not ended: those without a row are in the notes of their commits. */
export const UNFINISHED = `
  SELECT accepted_seq FROM (
    SELECT accepted_seq FROM runs WHERE ended_at IS NULL
    UNION
    SELECT note ->> '$.begun.accepted_seq' FROM journal WHERE note ->> 'begun' IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM runs WHERE accepted_seq = note ->> '$.begun.accepted_seq')
  ) ORDER BY accepted_seq`;
