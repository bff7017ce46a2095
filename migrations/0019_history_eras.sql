-- How the setting HISTORY_SHARDS spread the history, era by era: src/env/history-eras.ts. `in_use` is 1 from when
-- the product first served it after its moment; before, it is planned, and may still change. In the main
-- database; empty in others.
CREATE TABLE history_eras (
  begins_at TEXT PRIMARY KEY NOT NULL,
  databases TEXT NOT NULL,
  in_use INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
