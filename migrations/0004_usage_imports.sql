-- Imports of usage, and how far each got: src/usage/d1-intake.ts has the meaning. The chain grows out
-- of the rows that are done, so that a file sent again is known to be the same one.
CREATE TABLE usage_imports (
  workspace_id TEXT NOT NULL,
  import_id TEXT NOT NULL,
  format TEXT NOT NULL,
  status TEXT NOT NULL,
  chain INTEGER NOT NULL DEFAULT 0,
  rows INTEGER NOT NULL DEFAULT 0,
  stored INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  ignored INTEGER NOT NULL DEFAULT 0,
  quarantined INTEGER NOT NULL DEFAULT 0,
  first_ts INTEGER,
  last_ts INTEGER,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (workspace_id, import_id)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
-- The import that brought a record, so that it can be taken back; null for records sent by themselves.
ALTER TABLE usage_records ADD COLUMN import_id TEXT;
--> statement-breakpoint
ALTER TABLE usage_quarantine ADD COLUMN import_id TEXT;
--> statement-breakpoint
ALTER TABLE usage_quarantine ADD COLUMN line INTEGER;
