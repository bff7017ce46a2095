-- Who may write a workspace's usage into a store that has no unique key, and until when, in milliseconds since
-- the Unix epoch: src/usage/workspace-lease.ts.
CREATE TABLE usage_leases (
  workspace_id TEXT PRIMARY KEY NOT NULL,
  holder TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
