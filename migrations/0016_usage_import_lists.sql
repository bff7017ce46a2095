-- A workspace's imports, newest first; and those that are not over, which every answer about usage tells of.
CREATE INDEX usage_imports_by_age ON usage_imports (workspace_id, store, created_at, import_id);
--> statement-breakpoint
CREATE INDEX usage_imports_unfinished ON usage_imports (workspace_id, store, created_at)
  WHERE status <> 'complete';
