-- The reports of runs that made one, as JSON; most runs make none, so that they cost no row.
CREATE TABLE run_reports (
  user_id TEXT NOT NULL,
  id TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  report TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;
